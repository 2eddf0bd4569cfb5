package built

import (
	"maps"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

const (
	// kargoGroup is the group of Kargo's objects, and kargoUpdate the step that sets keys of a YAML file.
	kargoGroup, kargoUpdate = "kargo.akuity.io/", "yaml-update"
	clusterTask             = "ClusterPromotionTask"
	// maxKargo limits how many objects of Kargo are known.
	maxKargo = 200
)

// hasKargo is a fast test whether a text may have a step of Kargo that sets keys of a YAML file, or a Stage that gives a task its variables.
func hasKargo(text string) bool {
	return strings.Contains(text, kargoGroup) && (strings.Contains(text, kargoUpdate) || strings.Contains(text, "promotionTemplate"))
}

// kargoVars are variables of Kargo, in their order.
type kargoVars []struct{ Name, Value string }

// kargoStep is a step of a promotion, or a task in its place.
type kargoStep struct {
	Uses   string
	Task   struct{ Kind, Name string }
	Vars   kargoVars
	Config struct {
		Path     string
		Checkout []struct{ Path string }
		Updates  []struct{ Key, Value string }
	}
}

// taskIn is the task that a step of an object in a namespace is, with its namespace if it has one.
func (s kargoStep) taskIn(namespace string) string {
	if s.Task.Kind == clusterTask {
		return s.Task.Name
	}
	return namespace + "/" + s.Task.Name
}

// kargoSteps are steps with what their variables are where nothing else is said.
type kargoSteps struct {
	Vars  kargoVars
	Steps []kargoStep
}

// kargoObject is an object of Kargo, and the file that has it.
type kargoObject struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name, Namespace string }
	Spec       struct {
		kargoSteps        `yaml:",inline"`
		PromotionTemplate struct{ Spec kargoSteps } `yaml:"promotionTemplate"`
	}
	file string
}

// kargoIn are the objects of Kargo in a text. Those that cannot be read are none.
func kargoIn(file, text string) (l []kargoObject) {
	if !hasKargo(text) {
		return nil
	}
	for _, text := range documentEnd.Split(text, -1) {
		var n yaml.Node
		o := kargoObject{file: file}
		if yaml.Unmarshal([]byte(text), &n) == nil && node.IsExpandable(&n) && n.Decode(&o) == nil && strings.HasPrefix(o.APIVersion, kargoGroup) {
			l = append(l, o)
		}
	}
	return l
}

// addKargo notes which keys of files the steps of Kargo set, with the variables of the Stages.
func (x *Images) addKargo(all []kargoObject) {
	tasks := map[string]*kargoObject{}
	for i, o := range all {
		switch o.Kind {
		case "PromotionTask":
			tasks[o.Metadata.Namespace+"/"+o.Metadata.Name] = &all[i]
		case clusterTask:
			tasks[o.Metadata.Name] = &all[i]
		}
	}
	for _, o := range all {
		switch o.Kind {
		case "Stage":
			own := o.Spec.PromotionTemplate.Spec
			set := o.Spec.Vars.over(nil)
			set = own.Vars.over(set)
			x.kargoSteps(o, own.Steps, set)
			for _, s := range own.Steps {
				if t := tasks[s.taskIn(o.Metadata.Namespace)]; t != nil {
					x.kargoSteps(*t, t.Spec.Steps, s.Vars.over(t.Spec.Vars.over(set)))
				}
			}
		case "Promotion":
			x.kargoSteps(o, o.Spec.Steps, o.Spec.Vars.over(nil))
		}
	}
}

// over are variables with those that others have besides.
func (l kargoVars) over(others map[string]string) map[string]string {
	set := map[string]string{}
	maps.Copy(set, others)
	for _, v := range l {
		if v.Value != "" || set[v.Name] == "" {
			set[v.Name] = v.Value
		}
	}
	return set
}

// kargoVariable matches a variable in a step of Kargo.
var kargoVariable = regexp.MustCompile(`\$\{\{\s*vars\.(\w+)\s*\}\}`)

// kargoSteps notes which keys the steps of an object set with some variables. Their files are below the folder of a checkout.
func (x *Images) kargoSteps(o kargoObject, steps []kargoStep, set map[string]string) {
	expand := func(s string) string {
		return path.Clean(kargoVariable.ReplaceAllStringFunc(s, func(v string) string {
			if value := set[kargoVariable.FindStringSubmatch(v)[1]]; value != "" {
				return value
			}
			return v
		}))
	}
	var folders []string
	for _, s := range steps {
		for _, c := range s.Config.Checkout {
			folders = append(folders, expand(c.Path)+"/")
		}
		if s.Uses != kargoUpdate || s.Config.Path == "" {
			continue
		}
		file := belowAny(expand(s.Config.Path), folders)
		if !strings.Contains(file, "/") || strings.Contains(file, "$") || strings.HasPrefix(file, "../") {
			continue
		}
		for _, u := range s.Config.Updates {
			if u.Key == "" || strings.Contains(strings.ToLower(u.Value), "digest") || len(x.rewrites) == maxRewrites {
				continue
			}
			x.rewrites = append(x.rewrites, rewrite{by: "Kargo's " + o.Kind + " " + o.Metadata.Name + " in " + o.file, key: u.Key, rewritten: rewritten{file: file}})
		}
	}
}

// belowAny is what of a path is below the first of some folders that has it. It is empty if none has.
func belowAny(file string, folders []string) string {
	for _, folder := range folders {
		if rest, ok := strings.CutPrefix(file, folder); ok {
			return rest
		}
	}
	return ""
}
