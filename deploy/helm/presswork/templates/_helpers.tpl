{{- define "presswork.name" -}}
{{- if contains "presswork" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-presswork" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* Labels of everything; selectors use "presswork.selector" alone, which never changes. */}}
{{- define "presswork.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "presswork.selector" . }}
{{- end }}

{{- define "presswork.selector" -}}
app.kubernetes.io/name: presswork
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "presswork.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "presswork.secret" -}}
{{ .Values.secrets.existing | default (include "presswork.name" .) }}
{{- end }}

{{- define "presswork.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "presswork.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{- define "presswork.publicHost" -}}
{{ (urlParse .Values.settings.PRESSWORK_PUBLIC_URL).hostname }}
{{- end }}

{{- /* What every pod has. Service links are off: for a Service named presswork they would set PRESSWORK_PORT to a URL. */}}
{{- define "presswork.podSecurity" -}}
enableServiceLinks: false
automountServiceAccountToken: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "presswork.container" -}}
image: {{ include "presswork.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: temporary, mountPath: /tmp}
  - {name: data, mountPath: /var/lib/presswork}
{{- end }}

{{- /* Helm reads numbers as floating point, and would write 1073741824 as 1.073741824e+09. */}}
{{- define "presswork.environment" -}}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ ternary (int64 $value) $value (kindIs "float64" $value) | toString | quote }}
{{- end }}
{{- end }}

{{- /* Where pods run, and what else a user asks for a component's pods. */}}
{{- define "presswork.placement" -}}
{{- range $name := list "nodeSelector" "tolerations" "affinity" }}
{{- with index $ $name }}
{{ $name }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "presswork.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "presswork.selector" $.root | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
  {{- end }}
{{- end }}
