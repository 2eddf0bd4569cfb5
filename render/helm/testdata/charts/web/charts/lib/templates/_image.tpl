{{- define "lib.image" -}}
{{ .root.Values.global.registry }}/{{ .name }}:latest
{{- end -}}
