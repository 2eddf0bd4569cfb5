package connect

// MayHaveToken reports whether pods get a token for the API server: by a volume, or unless
// they or their service account say otherwise.
func (n *Network) MayHaveToken(w *Workload) bool {
	for volume := range w.Pod.Get("volumes").Items() {
		for source := range volume.Get("projected.sources").Items() {
			if source.Get("serviceAccountToken").IsSet() {
				return true
			}
		}
	}
	if on, set := w.Pod.Get("automountServiceAccountToken").Bool(); set {
		return on
	}
	return !n.withoutToken()[account{w.Namespace, w.Pod.Get("serviceAccountName").Text()}]
}

// account names a service account.
type account struct{ namespace, name string }

// accountsWithoutToken is the service accounts that say that pods get no token.
func (n *Network) accountsWithoutToken() map[account]bool {
	accounts := map[account]bool{}
	for _, o := range n.Cluster.Unit.Objects {
		if o.IsWithoutToken() {
			accounts[account{o.Namespace, o.Name}] = true
		}
	}
	return accounts
}
