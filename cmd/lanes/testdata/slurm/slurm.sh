#!/bin/bash
# Trains the sweep in /DIR/My_grid: sbatch /DIR/My_grid/slurm.sh
#SBATCH --job-name=my-grid
#SBATCH --array=0-31%8
#SBATCH --time=1:30:00
#SBATCH --cpus-per-task=2
#SBATCH --mem=600M
#SBATCH --signal=B:TERM@60
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output="/DIR/My_grid/slurm-%a.log"

# SIGTERM comes 60 seconds before the time is up. lanes then writes a checkpoint and exits
# with code 75, and the task waits in the queue to continue from there. A task that Slurm
# itself puts back into the queue, because another takes its place or its node failed,
# continues in the same way.
trap 'told=yes; kill -TERM "$lanes" 2>/dev/null' TERM
lanes sweep run /DIR/My_grid --threads 2 --data /DIR/cifar --index "$SLURM_ARRAY_TASK_ID" &
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
