package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLivePageMayEndWithItsRunAndLeavesTheWeightsAsTheyAre(t *testing.T) {
	hideCIFAR10(t)
	want := trainInto(t, filepath.Join(t.TempDir(), "plain"))
	dir := filepath.Join(t.TempDir(), "run")
	require.Equal(t, want["weights_sha256"], trainInto(t, dir, "--ui", "--ui-exit")["weights_sha256"])
	code, out, talk := lanes(strings.Fields("train --ui=0 --ui-exit --json --iters 70 --resume " + dir)...)
	require.Zero(t, code, talk)
	require.Regexp(t, `^live page: http://127\.0\.0\.1:\d+/\n`, talk)
	require.NotContains(t, talk, "stays")
	require.Equal(t, 70.0, decode(t, out)["steps"])
}

func TestLivePageOfOtherMachinesIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, address := range []string{"0.0.0.0:80", "192.168.0.1:80", "x"} {
		code, out, talk := lanes("train", "--preset", "toy", "--ui="+address)
		require.Equal(t, exitUsage, code)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: --ui ".*", want a .*\n$`, talk)
		require.Empty(t, entries(t, "."))
	}
}
