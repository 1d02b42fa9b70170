package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFindLRSuggestsARateWithItsCommandAndKeepsNoRun(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, talk := lanes("train", "--preset", "toy", "--find-lr", "--picture", "lr.png")
	require.Equal(t, 0, code, talk)
	require.Regexp(t, `^ +lr +loss +smoothed *\n +1\.0e-07 +1\.2659 `, out)
	require.Regexp(t, `falls fastest\n(?s:.*)\nsuggested: (\S+), because .*\nlanes train --preset toy --lr \d`, out)
	picture, err := os.ReadFile("lr.png")
	require.NoError(t, err)
	require.Contains(t, string(picture[:8]), "PNG")
	require.NoDirExists(t, runsFolder)

	code, out, talk = lanes("train", "--preset", "toy", "--momentum", "0.9", "--seed", "2", "--find-lr", "--json")
	require.Equal(t, 0, code, talk)
	o := decode(t, out)
	require.Positive(t, o["suggested_lr"])
	require.Contains(t, o["command"], "lanes train --preset toy")
	require.Contains(t, o["command"], "--momentum 0.9")
	require.NotContains(t, o["command"], "--json")
	require.Contains(t, o, "diverged_lr")
}

func TestFindLRFailsWhereNoRateTrains(t *testing.T) {
	file := filepath.Join(t.TempDir(), "one.csv")
	require.NoError(t, os.WriteFile(file, []byte("a,b\n1,x\n2,y\n3,x\n4,y\n1,x\n2,y\n3,x\n4,y\n"), 0o666))
	code, out, talk := lanes("train", "--data", file, "--init", "zero", "--hidden", "4,4", "--val", "0", "--test", "0", "--find-lr")
	require.Equal(t, exitFailed, code, talk)
	require.NotContains(t, out, "suggested")
	require.Equal(t, "lanes: the loss falls at no learning rate from 1e-7 to 10; `lanes doctor` with the same flags says more\n", talk)
}

func TestFlagsThatDoNotGoWithFindLRAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"--find-lr", "--out", "x"}, {"--find-lr", "--resume", "x"}, {"--find-lr", "--tensorboard"},
		{"--find-lr", "--print-config"}, {"--picture", "x.png"},
	} {
		code, out, talk := lanes(append([]string{"train", "--preset", "toy"}, args...)...)
		require.Equal(t, exitUsage, code, args)
		require.Empty(t, out)
		require.Contains(t, talk, "--find-lr, which")
	}
}
