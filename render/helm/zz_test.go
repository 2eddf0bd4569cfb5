package helm
import ("testing";"context";"fmt";"github.com/kubevet/kubevet/lint")
func TestZZ(t *testing.T){
 c, _ := loadChart(t, "/tmp/rd.library/ts/charts/paperless-ngx")
 for _,s:=range c.CIScenarios() {
 out := c.Render(context.Background(), s)
 u:=out.Unit
 for _,o:=range u.Objects { if o.Kind=="Deployment" && o.Name=="paperless-ngx" {
   or := o.Locate(o.Root.At("spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem"))
   fmt.Printf("%s %+v\n switch %+v\n entry %+v\n", s.Name, or.Trail, or.Switch, or.Entry)
   st := or.Trail[0]; st.Set="true"
   fmt.Println(u.Refuses([]lint.Step{st}))
   v,cost:=u.Try([]lint.Step{st})
   fmt.Println(v!=nil,cost)
 }}}
}
