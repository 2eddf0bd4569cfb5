package discover

import "testing"

// What the pages of a website show is skipped, unless it is named, a program or a document outside of them names it, or a
// command takes it from the web.
func TestPages(t *testing.T) {
	write(t, map[string]string{
		".git/HEAD":                        "",
		"_config.yml":                      "title: all\n",
		"mkdocs.yml":                       "site_name: a\ndocs_dir: 'site/pages'\n",
		"site/pages/a.yaml":                pod,
		"site/a.yaml":                      pod,
		"tools/api/mkdocs.yml":             "docs_dir: ../../guide\n",
		"guide/deep/a.yaml":                pod,
		"docs/a.yaml":                      pod,
		"web/docusaurus.config.ts":         "export default {}\n",
		"web/docs/x/a.yaml":                pod,
		"web/docs/x/README.md":             "Save it, then\n\n    kubectl apply -f a.yaml\n    kubectl apply -f https://example.com/web/docs/x/taken.yaml\n",
		"web/docs/x/taken.yaml":            pod,
		"web/docs/x/in-script.yaml":        pod,
		"web/docs/k/a.yaml":                pod,
		"web/docs/k/kustomization.yaml":    "resources: [a.yaml]\n",
		"web/static/all.yaml":              pod,
		"web/static/more.yaml":             pod,
		"web/deploy/a.yaml":                pod,
		"README.md":                        "`kubectl apply -f https://example.com/all.yaml`\n",
		"hack/deploy.py":                   "apply('web/docs/x/in-script.yaml')\n",
		"old/website/docusaurus.config.js": "module.exports = {docs: {path: '../docs'}}\n",
		"old/docs/a.yaml":                  pod,
		"hugo/config.toml":                 "",
		"hugo/archetypes/a.md":             "",
		"hugo/content/a.yaml":              pod,
		"press/.vitepress/config.ts":       "",
		"press/a.yaml":                     pod,
	})
	for root, want := range map[string]string{
		".": "manifest _config.yml\nmanifest docs/a.yaml\nmanifest mkdocs.yml\nmanifest site/a.yaml\nmanifest tools/api/mkdocs.yml\nmanifest web/deploy/a.yaml\nmanifest web/docs/k/a.yaml\nmanifest web/docs/x/in-script.yaml\n" +
			"manifest web/docs/x/taken.yaml\nmanifest web/static/all.yaml\noverlay web/docs/k\n" +
			"skipped guide\nskipped hugo/content\nskipped old/docs\nskipped press\nskipped site/pages\nskipped web/docs\nskipped web/static",
		"hugo":              "skipped hugo/content",
		"old/docs":          "manifest old/docs/a.yaml",
		"web/docs/x/a.yaml": "manifest web/docs/x/a.yaml",
	} {
		if got := describe(In([]string{root}, nil)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", root, got, want)
		}
	}
}
