#!/bin/bash
# start.sh DIR PORT PORT starts a Slurm cluster of this machine alone, on the loopback
# address, whose files are all in DIR, an empty folder. It has four processors, whatever the
# machine has, and a partition "urgent" whose jobs take the place of those in "main", which
# go back into the queue. SLURM_CONF=DIR/slurm.conf leads Slurm's commands there.
# The daemons' process ids are in DIR/*.pid.
set -eu
dir=$1
host=$(hostname -s)
user=$(id -un)
chmod 755 "$dir"
mkdir "$dir/state" "$dir/spool"
head -c 128 /dev/urandom >"$dir/munge.key"
chmod 600 "$dir/munge.key"
munged --force --key-file="$dir/munge.key" --socket="$dir/munge" --pid-file="$dir/munged.pid" \
	--log-file="$dir/munged.log" --seed-file="$dir/munge.seed"
cat >"$dir/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$2
SlurmdPort=$3
AuthInfo=socket=$dir/munge
SlurmUser=$user
SlurmdUser=$user
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
KillWait=10
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000
PartitionName=main Nodes=$host Default=YES PriorityTier=1
PartitionName=urgent Nodes=$host PriorityTier=2
CONF
export SLURM_CONF=$dir/slurm.conf
slurmctld
slurmd
