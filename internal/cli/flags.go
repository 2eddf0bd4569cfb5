package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render"
)

// reportFlags are the flags of commands that report.
func (p *program) reportFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.format, "format", "text", "output `FORMAT`: "+strings.Join(report.Formats(), ", "))
	f.StringArrayVarP(&p.outputs, "output", "o", nil, "also write a `FORMAT=FILE` (repeatable): sarif=kubevet.sarif")
	f.BoolVar(&p.showIgnored, "show-ignored", false, "list the ignored findings too")
	f.StringVar(&p.failOn, "fail-on", "medium", "least `SEVERITY` that makes the exit code 1: critical, high, medium, low, or none")
	f.StringVar(&p.color, "color", "auto", "`WHEN` to colour: auto, always or never; NO_COLOR is honoured")
	f.IntVar(&p.maxPerRule, "max-per-rule", 0, "list at most `N` findings of a rule, and count the others (text; 0: no limit)")
	f.BoolVarP(&p.quiet, "quiet", "q", false, "print only the first line of each finding and problem")
	f.BoolVarP(&p.verbose, "verbose", "v", false, "list what was skipped, and details of problems")
}

// checkFlags are the flags of commands that check.
func (p *program) checkFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.profile, "profile", "recommended", "`SET` of rules: recommended, or strict for all")
	f.StringSliceVar(&p.rules, "rule", nil, "check only this `RULE` (repeatable, or separated by commas)")
	f.StringSliceVar(&p.skip, "skip", nil, "do not check this `RULE` (repeatable, or separated by commas)")
	f.StringVar(&p.podSecurity, "pod-security", "", "check only what a namespace of this `LEVEL` refuses: restricted, baseline:v1.31")
	f.StringVar(&p.now, "now", "", "compare dates, such as those of certificates, with this `DATE` (YYYY-MM-DD; default: today)")
	f.BoolVar(&p.options.Explore, "explore", false, "also render charts with one value changed at a time, where that reaches more of their templates")
	f.StringVar(&p.subcharts, "subcharts", "report", "`POLICY` on findings in third-party subcharts: report, warn (they never fail) or ignore")
	p.renderFlags(cmd)
}

// renderFlags are the flags of commands that render.
func (p *program) renderFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.configFile, "config", "", "configuration `FILE` (default: .kubevet.yaml, looked for from each PATH upward)")
	f.BoolVar(&p.options.NoConfig, "no-config", false, "use no configuration file")
	f.StringArrayVarP(&p.options.Values, "values", "f", nil, "values `FILE` for charts (repeatable, the last one wins)")
	f.StringArrayVar(&p.options.Set, "set", nil, "`KEY=VALUE` for charts (repeatable)")
	f.StringVar(&p.loadRestrictor, "load-restrictor", "",
		"`WHICH` files an overlay may name, as for kustomize: LoadRestrictionsRootOnly or LoadRestrictionsNone (default: LoadRestrictionsNone with a note)")
	f.StringArrayVar(&p.scenarios, "scenario", nil, "also render charts with `NAME=FILE[,FILE…]` (repeatable)")
	f.StringVar(&p.kubeVersion, "kube-version", lint.Newest.String(), "Kubernetes `VERSION` that the input is meant for")
	f.StringSliceVarP(&p.options.APIVersions, "api-versions", "a", nil, "`API` that the cluster has besides those of its version, for charts (repeatable): monitoring.coreos.com/v1")
	f.StringVar(&p.options.Namespace, "namespace", "", "release `NAMESPACE` of charts (default: left to the user of the chart)")
	f.StringVar(&p.options.ReleaseName, "release-name", "", "release `NAME` of charts (default: the chart's name)")
	f.IntVar(&p.options.Jobs, "jobs", runtime.GOMAXPROCS(0), "render and check `N` inputs together")
	f.Lookup("jobs").DefValue = "as many as there are processors"
}

// loadRestrictors are what kustomize's flag --load-restrictor takes.
var loadRestrictors = map[string]render.LoadRestrictor{
	"":                         render.LoadAndNote,
	"LoadRestrictionsRootOnly": render.LoadRestrictionsRootOnly,
	"LoadRestrictionsNone":     render.LoadRestrictionsNone,
}

// limits are those of child processes.
var limits = sandbox.DefaultLimits

// session is what the flags of a command ask for.
func (p *program) session(cmd *cobra.Command) (*session.Session, error) {
	restrictor, ok := loadRestrictors[p.loadRestrictor]
	if !ok {
		return nil, usagef("--load-restrictor: unknown value %q; want LoadRestrictionsRootOnly or LoadRestrictionsNone", p.loadRestrictor)
	}
	if p.options.NoConfig && p.configFile != "" {
		return nil, usagef("--config and --no-config: give one of them")
	}
	o := p.options
	o.ConfigFile, o.Rules, o.Skip, o.PodSecurity = p.configFile, p.rules, p.skip, p.podSecurity
	o.Scenarios, o.Baseline, o.Stdin = p.scenarios, p.baseline, p.in
	o.LoadRestrictor = restrictor
	if p.now != "" {
		day, err := time.Parse(time.DateOnly, p.now)
		if err != nil {
			return nil, usagef("--now: %q is no day; want YYYY-MM-DD", p.now)
		}
		o.Now = day
	}
	for _, key := range []string{"profile", "fail-on", "kube-version", "subcharts"} {
		if f := cmd.Flags().Lookup(key); f != nil && f.Changed {
			o.Overrides = append(o.Overrides, session.Override{Key: key, Value: strings.ToLower(f.Value.String())})
		}
	}
	s := session.New(o)
	s.Limits = limits
	return s, nil
}

// complete has the shell complete the values of a command's flags. The values
// of other flags are files, or cannot be known.
func complete(cmd *cobra.Command) {
	for name, values := range map[string]cobra.CompletionFunc{
		"color":           words("auto", "always", "never"),
		"fail-on":         words("critical", "high", "medium", "low", "none"),
		"format":          words(report.Formats()...),
		"load-restrictor": words("LoadRestrictionsRootOnly", "LoadRestrictionsNone"),
		"output":          completeOutput,
		"pod-security":    words("privileged", "baseline", "restricted"),
		"profile":         words("recommended", "strict"),
		"rule":            completeRules,
		"skip":            completeRules,
		"subcharts":       words("report", "warn", "ignore"),
	} {
		if f := cmd.Flags().Lookup(name); f == nil {
			continue
		}
		switch {
		case cmd.Name() == "rules":
			values = words("text", "json") // --format is all it has
		case cmd.Name() == "network" && name == "format":
			values = words("text", "json", "dot")
		}
		// An error: the flag does not exist, or has a function. Neither is so.
		_ = cmd.RegisterFlagCompletionFunc(name, values)
	}
}

func words(l ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(l, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
}

// completedRules are the ids of all rules, each with its title.
func completedRules() []string {
	var l []string
	for _, r := range session.KnownRules() {
		l = append(l, r.ID+"\t"+r.Title)
	}
	return l
}

// completeRules completes the last of several ids with commas between.
func completeRules(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	before := word[:strings.LastIndexByte(word, ',')+1]
	l := completedRules()
	for i := range l {
		l[i] = before + l[i]
	}
	return l, cobra.ShellCompDirectiveNoFileComp
}

// completeOutput completes the format; the file that follows is one to be written.
func completeOutput(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	if strings.Contains(word, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var l []string
	for _, f := range report.Formats() {
		l = append(l, f+"=")
	}
	return l, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completePaths completes what can be linted: folders, and files that may be
// manifests or charts. Cobra adds the commands.
func completePaths(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	dir, base := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Clean(filepath.Join(".", dir)))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var l []string
	folders := true
	for _, e := range entries {
		name := e.Name()
		hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".")
		if hidden || !strings.HasPrefix(name, base) {
			continue
		}
		isDir := e.IsDir()
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			isDir = info.IsDir()
		}
		switch {
		case isDir:
			l = append(l, dir+name+"/")
		case slices.Contains([]string{".yaml", ".yml", ".json", ".tgz"}, filepath.Ext(name)):
			folders = false
			l = append(l, dir+name)
		}
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	if folders {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return l, directive
}
