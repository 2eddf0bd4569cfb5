package pods

// LinuxPodFields are the fields of a pod that the API server refuses beside os.name: windows. hostPID
// and hostIPC it refuses if they are true.
var LinuxPodFields = []string{
	"hostPID", "hostIPC", "hostUsers", "securityContext.seLinuxOptions", "securityContext.seccompProfile", "securityContext.appArmorProfile",
	"securityContext.fsGroup", "securityContext.fsGroupChangePolicy", "securityContext.sysctls", "shareProcessNamespace", "securityContext.runAsUser",
	"securityContext.runAsGroup", "securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy",
}

// LinuxContainerFields are those of a container.
var LinuxContainerFields = []string{
	"securityContext.seLinuxOptions", "securityContext.seccompProfile", "securityContext.appArmorProfile", "securityContext.capabilities",
	"securityContext.readOnlyRootFilesystem", "securityContext.privileged", "securityContext.allowPrivilegeEscalation", "securityContext.procMount",
	"securityContext.runAsUser", "securityContext.runAsGroup",
}
