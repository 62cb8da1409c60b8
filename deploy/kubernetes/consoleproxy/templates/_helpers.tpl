{{- define "consoleproxy.name" -}}
{{- printf "%s-%s" .root.Release.Name .part | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "consoleproxy.selector" -}}
app.kubernetes.io/name: consoleproxy
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "consoleproxy.labels" -}}
{{ include "consoleproxy.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "consoleproxy.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- /* The variable of a setting: settings/declare.py has the same rule. */ -}}
{{- define "consoleproxy.variable" -}}
CONSOLEPROXY_{{ . | trimPrefix "consoleproxy." | replace "." "_" | upper }}
{{- end -}}

{{- define "consoleproxy.settings" -}}
{{- range $name, $value := .Values.settings }}
- name: {{ include "consoleproxy.variable" $name }}
  value: {{ if kindIs "float64" $value }}{{ int64 $value | quote }}{{ else }}{{ $value | quote }}{{ end }}
{{- end }}
{{- end -}}

{{- define "consoleproxy.secret" -}}
- name: {{ include "consoleproxy.variable" .setting }}
  valueFrom:
    secretKeyRef:
      name: {{ .root.Values.secretName }}
      key: {{ .key }}
{{- end -}}

{{- define "consoleproxy.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "consoleproxy.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "consoleproxy.placement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* One for each node first, and no two copies on one that could be on two. */ -}}
{{- define "consoleproxy.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "consoleproxy.selector" . | nindent 8 }}
{{- end -}}

{{- define "consoleproxy.proxyCount" -}}
{{- if .Values.autoscaling.enabled }}{{ int .Values.autoscaling.maxReplicas }}{{ else }}{{ int .Values.proxy.replicas }}{{ end -}}
{{- end -}}

{{- define "consoleproxy.consolePort" -}}
{{- if eq .Values.exposure "loadBalancer" }}8443{{ else }}8080{{ end -}}
{{- end -}}
