#!/bin/bash
# Trains the sweep in {{.Dir}}: sbatch {{.File}}
#SBATCH --job-name={{.Name}}
#SBATCH --array=0-{{.Last}}{{if .AtATime}}%{{.AtATime}}{{end}}
#SBATCH --time={{.Clock}}
#SBATCH --cpus-per-task={{.CPUs}}
#SBATCH --mem={{.MB}}M
#SBATCH --signal=B:TERM@{{.Warning}}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={{.Log}}

# SIGTERM comes {{.Warning}} seconds before the time is up. lanes then writes a checkpoint and exits
# with code 75, and the task waits in the queue to continue from there. A task that Slurm
# itself puts back into the queue, because another takes its place or its node failed,
# continues in the same way.
trap 'told=yes; kill -TERM "$lanes" 2>/dev/null' TERM
{{.Command}} &
lanes=$!
told=yes
while [ -n "$told" ]; do # a signal ends the wait, not lanes
	told=
	wait "$lanes"
	code=$?
done
if [ "$code" = 75 ]; then
	scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
