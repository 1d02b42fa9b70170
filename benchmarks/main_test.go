package benchmarks

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/lanes-ml/lanes/benchmarks/internal/peers"
	"github.com/lanes-ml/lanes/kernels"
)

// level is what this process measures, and libraries what it compares Lanes with.
var (
	level     = kernels.Best()
	libraries []peers.Peer
)

// TestMain runs the benchmarks in a process for each level, round by round.
func TestMain(m *testing.M) {
	flag.Parse()
	benchmarking := flag.Lookup("test.bench").Value.String() != ""
	name := os.Getenv("LANES_LEVEL")
	if benchmarking && name == "" {
		count := flag.Lookup("test.count").Value.(flag.Getter).Get().(uint)
		os.Exit(eachLevel(int(count)))
	}
	if name != "" {
		var err error
		if level, err = kernels.ParseLevel(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	var absent []peers.Absent
	libraries, absent = peers.Load(level)
	if benchmarking {
		// Lines "key: value" are part of the format of benchmarks.
		for _, a := range absent {
			fmt.Printf("%s: absent, %s\n", strings.ToLower(a.Name), a.Reason)
		}
		for _, l := range libraries {
			if l.About != "" {
				fmt.Printf("%s: %s\n", strings.ToLower(l.Name), l.About)
			}
		}
	}
	os.Exit(m.Run())
}

// eachLevel runs the program once for every round and level, and returns the
// first exit code that is not 0.
func eachLevel(rounds int) int {
	for range rounds {
		for _, l := range kernels.Levels() {
			run := exec.Command(os.Args[0], append(os.Args[1:], "-test.count=1")...)
			run.Env = append(os.Environ(), "LANES_LEVEL="+l.String())
			run.Stdout, run.Stderr = os.Stdout, os.Stderr
			if err := run.Run(); err != nil {
				fmt.Fprintf(os.Stderr, "level %v: %v\n", l, err)
				return 1
			}
		}
	}
	return 0
}
