//go:build linux

package main

import (
	_ "embed"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed testdata/slurm/start.sh
var startSlurm []byte

// cluster is Slurm on this machine alone.
type cluster struct {
	t   *testing.T
	dir string
	env []string
}

// startCluster starts Slurm in a folder of its own, until the test ends. Its tasks run this
// program as lanes, and leave their process ids in DIR/tasks, by array index.
func startCluster(t *testing.T) *cluster {
	dir, err := os.MkdirTemp("", "slurm") // short, since a socket's path is
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.Executable()
	require.NoError(t, err)
	script := fmt.Sprintf("#!/bin/sh\necho $$ >%s/tasks/$SLURM_ARRAY_TASK_ID\n%s=1 exec %s \"$@\"\n", dir, asCommand, self)
	for _, name := range []string{"bin", "tasks", "slurm"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bin", "lanes"), []byte(script), 0o755))
	c := &cluster{t, dir, append(os.Environ(), "SLURM_CONF="+dir+"/slurm/slurm.conf", "PATH="+dir+"/bin:/usr/sbin:"+os.Getenv("PATH"))}
	t.Cleanup(c.stop)
	require.NoError(t, os.WriteFile(dir+"/start.sh", startSlurm, 0o755))
	c.run(dir+"/start.sh", dir+"/slurm", freePort(t), freePort(t))
	c.until("a node", func() bool { return strings.Contains(c.run("sinfo", "-h", "-o", "%T"), "idle") })
	return c
}

// stop ends the daemons.
func (c *cluster) stop() {
	for _, name := range []string{"slurmd", "slurmctld", "munged"} {
		file, _ := os.ReadFile(filepath.Join(c.dir, "slurm", name+".pid")) // not there if it did not start
		if pid, err := strconv.Atoi(strings.TrimSpace(string(file))); err == nil {
			syscall.Kill(pid, syscall.SIGTERM)
			for range 100 {
				if syscall.Kill(pid, 0) != nil {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
		}
	}
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// run runs a command, which must succeed, and returns what it prints.
func (c *cluster) run(name string, args ...string) string {
	c.t.Helper()
	for _, entry := range c.env { // exec looks in the PATH of this process
		if path, ok := strings.CutPrefix(entry, "PATH="); ok {
			c.t.Setenv("PATH", path)
		}
	}
	command := exec.Command(name, args...)
	command.Env = c.env
	out, err := command.CombinedOutput()
	require.NoError(c.t, err, "%s %v: %s", name, args, out)
	return strings.TrimSpace(string(out))
}

// until waits until what is waited for is there.
func (c *cluster) until(what string, there func() bool) {
	c.t.Helper()
	for end := time.Now().Add(40 * time.Second); !there(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			queue := c.run("squeue", "-a")
			log, _ := os.ReadFile(c.dir + "/slurm/slurmctld.log")
			require.Fail(c.t, "no "+what, "%s\n%s", queue, log)
		}
	}
}

// state returns the state of an array task, empty when Slurm has forgotten it.
func (c *cluster) state(job string, task int) string {
	return c.run("squeue", "-h", "-a", "-t", "all", "-o", "%T", "-j", fmt.Sprintf("%s_%d", job, task))
}

// goOn lets a task that went back into the queue begin at once. Slurm would wait for two
// minutes.
func (c *cluster) goOn(job string, task int) {
	c.t.Helper()
	c.until("requeue", func() bool { return c.state(job, task) == "PENDING" })
	c.run("scontrol", "update", fmt.Sprintf("JobId=%s_%d", job, task), "StartTime=now")
}

func TestSlurmTrainsASweepWhateverHappensToItsTasks(t *testing.T) {
	if os.Getenv("LANES_TEST_SLURM") == "" {
		t.Skip("LANES_TEST_SLURM is not set: it needs slurmctld, slurmd and munged")
	}
	// The trials that train for some seconds, and are stopped at their first checkpoint lest
	// they end before what is to happen to them does. When the last task of an array is
	// preempted, Slurm 22.05 puts all of the array back into the queue.
	const preempted, told, killed = 17, 18, 19
	c := startCluster(t)
	file := "preset = \"report\"\ndataset = \"synthetic\"\nhidden = [4]\nbatch = 20\nrows = [\n"
	for i := range 20 {
		length := "iters=20"
		if i >= preempted {
			length = "iters=8000 hidden=16 batch=100"
		}
		file += fmt.Sprintf("  \"lr=%g %s\",\n", 1e-4*float64(i+1), length)
	}
	rows, local, dir := c.dir+"/rows.toml", c.dir+"/local", c.dir+"/array"
	require.NoError(t, os.WriteFile(rows, []byte(file+"]\n"), 0o666))
	want := swept(t, "sweep --config "+rows+" --out "+local)
	code, out, talk := lanes("sweep", "plan", dir, "--config", rows, "--slurm", "--time", "3m", "--memory", "100")
	require.Zero(t, code, talk)
	require.Equal(t, "20\n", out)

	job := c.run("sbatch", "--parsable", dir+"/slurm.sh")
	stopped := map[int]int{} // process ids
	c.until("checkpoints", func() bool {
		for _, i := range []int{preempted, told, killed} {
			_, err := os.Stat(fmt.Sprintf("%s/trials/%04d/last.safetensors", dir, i))
			if _, done := stopped[i]; !done && err == nil {
				stopped[i], err = strconv.Atoi(strings.TrimSpace(readText(t, fmt.Sprintf("%s/tasks/%d", c.dir, i))))
				require.NoError(t, err)
				require.NoError(t, syscall.Kill(stopped[i], syscall.SIGSTOP))
			}
		}
		return len(stopped) == 3
	})
	c.until("end of the short trials", func() bool { return strings.Count(c.run("squeue", "-h", "-r"), "\n") == 2 })
	c.run("scancel", "--batch", "--signal=TERM", fmt.Sprintf("%s_%d", job, told)) // as before the end of its time
	require.NoError(t, syscall.Kill(stopped[told], syscall.SIGCONT))
	require.NoError(t, syscall.Kill(stopped[killed], syscall.SIGKILL))
	c.until("end of the one that was killed", func() bool { return c.state(job, killed) == "FAILED" })
	urgent := c.run("sbatch", "--parsable", "-p", "urgent", "-c", "4", "--output=/dev/null", "--wrap", "true")
	c.until("preemption", func() bool { return c.state(job, preempted) != "RUNNING" })
	syscall.Kill(stopped[preempted], syscall.SIGCONT) // if Slurm's own, before its SIGTERM, did not come first
	for _, i := range []int{told, preempted} {
		c.goOn(job, i)
	}
	c.until("end of the urgent job", func() bool { return c.run("squeue", "-h", "-a", "-t", "all", "-o", "%T", "-j", urgent) == "COMPLETED" })
	c.until("end of the array", func() bool { return c.run("squeue", "-h") == "" })

	code, out, talk = lanes("sweep", "status", dir)
	require.Zero(t, code, talk)
	require.Equal(t, "done        19  0-18\nrunning      0\nmissing      1  19\n", out, "%s%s%s",
		readText(t, fmt.Sprintf("%s/slurm-%d.log", dir, preempted)), readText(t, fmt.Sprintf("%s/slurm-%d.log", dir, told)), readText(t, c.dir+"/slurm/slurmctld.log"))
	c.run("sbatch", "--wait", "--array=19", dir+"/slurm.sh")
	require.Equal(t, want, swept(t, "sweep collect "+dir))

	for i := range 20 {
		log := readText(t, fmt.Sprintf("%s/slurm-%d.log", dir, i))
		require.Equal(t, 1, strings.Count(log, "  val acc "), "each is trained once: %s", log)
		require.NotContains(t, log, "was finished before")
	}
	for _, i := range []int{told, preempted} {
		log := readText(t, fmt.Sprintf("%s/slurm-%d.log", dir, i))
		require.Contains(t, log, ": terminated signal received; the same command continues\n")
	}
	require.Contains(t, readText(t, fmt.Sprintf("%s/slurm-%d.log", dir, preempted)), "DUE TO ", "Slurm itself put it back into the queue")
}
