{{- define "web.name" -}}
{{ .Release.Name }}-{{ .Chart.Name }}
{{- end -}}

{{- define "web.labels" }}
app.kubernetes.io/name: {{ include "web.name" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "web.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- printf "%s/%s:%s" .Values.global.registry .Values.image.repository $tag -}}
{{- end -}}

{{- define "web.containerSecurity" -}}
allowPrivilegeEscalation: true
readOnlyRootFilesystem: {{ default false .Values.readOnly }}
{{- end -}}
