package helm
import ("testing";"context";"fmt";"github.com/kubevet/kubevet/lint")
func TestZZ(t *testing.T){
 c, ps := loadChart(t, "/tmp/rd.library/ts/charts/portfolio")
 fmt.Println(ps)
 out := c.Render(context.Background(), Scenario{})
 u:=out.Unit
 fmt.Println(out.Problems)
 for _,o:=range u.Disabled("NetworkPolicy"){ fmt.Printf("%v %v %v %q\n", o.Unsure,o.Keys,o.Template,o.Text)}
 for _,o:=range u.Disabled("NetworkPolicy"){ v,cost:=u.Try(o.Keys); fmt.Println(v!=nil,cost,u.Cost); if v!=nil {for _,x:=range v.Objects{fmt.Println(x.Ref())}}
  s,_:=settings(o.Keys)
  _ = lint.Filled
  _ = s
 }
}
