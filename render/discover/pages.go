package discover

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// sites are the folders with the pages of a website by the file beside them that configures its generator.
var sites = map[string][]string{
	"docusaurus.config": {"docs", "blog", "static", "src", "versioned_docs", "i18n"},
	"astro.config":      {"src", "public"},
	"hugo":              {"content", "static", "assets"},
	"mkdocs":            {"docs"},
	"book":              {"src"},
	"antora":            {"modules"},
}

var (
	// docsDir matches where MkDocs is told another folder than docs.
	docsDir = regexp.MustCompile(`(?m)^docs_dir:[ \t]*["']?([\w./-]+)`)
	// docsBeside matches where Docusaurus is told the folder docs beside its own.
	docsBeside = regexp.MustCompile(`["']\.\./docs/?["']`)
)

// pagesIn lists the folders in a folder which hold the pages of a website, such as those of MkDocs or Docusaurus.
func (w *walker) pagesIn(dir string, entries []fs.DirEntry) (folders []string) {
	if dir == "." {
		folders = w.pagesAcross(entries)
	}
	isHugo := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() && e.Name() == "archetypes" })
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		config, ext := strings.TrimSuffix(e.Name(), path.Ext(name)), path.Ext(name)
		if config == "config" && isHugo {
			config = "hugo"
		}
		switch {
		case e.IsDir() && e.Name() == "website" && w.hasDocsBeside(name):
			folders = append(folders, path.Join(dir, "docs"))
		case e.IsDir() || sites[config] == nil || !slices.Contains([]string{".js", ".ts", ".mjs", ".cjs", ".toml", ".yaml", ".yml", ".json"}, ext):
		case config == "mkdocs":
			folders = append(folders, path.Join(dir, w.docsDir(name)))
		default:
			for _, pages := range sites[config] {
				folders = append(folders, path.Join(dir, pages))
			}
		}
	}
	return folders
}

// maxTools is how many folders are searched for the configuration of MkDocs.
const maxTools = 200

// pagesAcross lists the folders with pages of MkDocs whose configuration is in another folder of the tree, such as hack/site:
// one or two levels down.
func (w *walker) pagesAcross(top []fs.DirEntry) (folders []string) {
	dirs := foldersAmong(".", top)
	for _, dir := range dirs {
		if len(dirs) < maxTools {
			below, _ := w.tree.ReadDir(dir) // the walk reports what cannot be listed
			dirs = append(dirs, foldersAmong(dir, below)...)
		}
	}
	for _, dir := range dirs[:min(len(dirs), maxTools)] {
		for _, base := range []string{"mkdocs.yml", "mkdocs.yaml"} {
			if name := path.Join(dir, base); w.tree.Exists(name) {
				if pages := path.Join(dir, w.docsDir(name)); !strings.HasPrefix(pages, dir+"/") && !strings.HasPrefix(pages, "..") {
					folders = append(folders, pages)
				}
			}
		}
	}
	return folders
}

func foldersAmong(dir string, entries []fs.DirEntry) (names []string) {
	for _, e := range entries {
		if e.IsDir() && e.Name() != ".git" {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	return names
}

// docsDir is the folder with the pages of MkDocs that its configuration gives.
func (w *walker) docsDir(config string) string {
	if text, err := w.tree.ReadFile(config); err == nil {
		if m := docsDir.FindSubmatch(text); m != nil {
			return string(m[1])
		}
	}
	return "docs"
}

// hasDocsBeside reports whether the website in a folder, of Docusaurus, has its pages in the folder docs beside it.
func (w *walker) hasDocsBeside(dir string) bool {
	return slices.ContainsFunc([]string{".js", ".ts", ".mjs", ".cjs"}, func(ext string) bool {
		text, err := w.tree.ReadFile(path.Join(dir, "docusaurus.config"+ext))
		return err == nil && docsBeside.Match(text)
	})
}

// holdPages reports whether files are the pages of a website of VitePress, VuePress, Jekyll or Sphinx.
func holdPages(entries []fs.DirEntry) bool {
	has := func(base string, isDir bool) bool {
		return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == base && e.IsDir() == isDir })
	}
	return has(".vitepress", true) || has(".vuepress", true) || has("_config.yml", false) || has("conf.py", false) && (has("index.rst", false) || has("index.md", false))
}

// isPages reports whether a folder holds pages of a website. The top of a tree holds everything else, too.
func (w *walker) isPages(name string) bool {
	if name == "." {
		return false
	}
	if entries, err := w.tree.ReadDir(name); err == nil && holdPages(entries) {
		return true
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		entries, err := w.tree.ReadDir(dir)
		if err == nil && slices.Contains(w.pagesIn(dir, entries), name) {
			return true
		}
		if dir == "." {
			return false
		}
	}
}

// isOfPages reports whether a manifest among the pages of a website is for its readers alone: Flux and Argo CD do not deploy
// it, no document and no program outside of the pages names it, and no command takes it from the web.
func (w *walker) isOfPages(name, pages string) bool {
	if pages == "" || !(File{Tree: w.tree, Name: name}).LooksLikeManifest() {
		return false
	}
	u := w.usesOf(w.tree)
	return !u.isDeployed(w.tree, path.Dir(name)) && !u.isNamed(name, pages) && !u.isNamed(path.Dir(name), pages)
}
