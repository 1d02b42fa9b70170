package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBenchGemmPrintsAnObjectForEachShape(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shapes.txt")
	require.NoError(t, os.WriteFile(path, []byte("NN 8 9 10 square\nTN 20 5 3 dW\n\nNT 4 4 4\n"), 0o666))
	code, out, talk := lanes("bench", "gemm", "--shapes", path, "--threads", "1", "--level", "generic", "--dtype", "float64", "--time", "0.001", "--json")
	require.Zero(t, code, talk)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 3)
	var first map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	require.Positive(t, first["gflops"])
	require.GreaterOrEqual(t, first["gflops_best"], first["gflops"])
	delete(first, "gflops")
	delete(first, "gflops_best")
	require.Equal(t, map[string]any{"form": "NN", "m": 8.0, "n": 9.0, "k": 10.0, "tag": "square", "threads": 1.0, "level": "generic", "dtype": "float64"}, first)
	require.Contains(t, lines[1], `"form":"TN","m":20,"n":5,"k":3,"tag":"dW"`)
}

func TestBenchGemmRefusesABadShape(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shapes.txt")
	for line, message := range map[string]string{
		"XN 8 8 8 x":          `shapes.txt:2: "XN 8 8 8 x", want a form such as NN, then M, N, K and a tag`,
		"NN 8 8":              `shapes.txt:2: "NN 8 8", want`,
		"NN 8 0 8":            "shapes.txt:2: a dimension of 0, want 1 to 1073741824",
		"NN 100000 100000 1 ": "shapes.txt:2: a matrix of more than 1073741824 elements",
	} {
		require.NoError(t, os.WriteFile(path, []byte("NN 8 8 8 x\n"+line+"\n"), 0o666))
		code, out, talk := lanes("bench", "gemm", "--shapes", path)
		require.Equal(t, exitData, code)
		require.Empty(t, out)
		require.Contains(t, talk, message)
	}
}

func TestBenchBLASPrintsALineForEachRoutineThatMatches(t *testing.T) {
	code, out, talk := lanes("bench", "blas", "--match", "syrk UN 32 ", "--threads", "1", "--level", "generic", "--time", "0.001", "--json")
	require.Zero(t, code, talk)
	var line map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &line))
	require.Positive(t, line["rate"])
	require.GreaterOrEqual(t, line["rate_best"], line["rate"])
	delete(line, "rate")
	delete(line, "rate_best")
	require.Equal(t, map[string]any{"routine": "ssyrk", "form": "UN", "n": 32.0, "unit": "GFLOP/s", "threads": 1.0, "level": "generic"}, line)

	code, out, talk = lanes("bench", "blas", "--match", "dot - 16 ", "--gonum", "--dtype", "float64", "--time", "0.001")
	require.Zero(t, code, talk)
	require.Len(t, strings.Split(strings.TrimSpace(out), "\n"), 2)
	require.Contains(t, out, "gonum, ")
	require.Contains(t, out, "ddot     -          16 ")
}

func TestBenchLinalgRunsEveryOperation(t *testing.T) {
	for _, own := range []string{"--gonum=true", "--gonum=false"} {
		code, out, talk := lanes("bench", "linalg", "--sizes", "8", "--time", "0.001", own)
		require.Zero(t, code, talk)
		require.Len(t, strings.Split(strings.TrimSpace(out), "\n"), 15)
	}
	code, _, talk := lanes("bench", "linalg", "--sizes", "8,0")
	require.Equal(t, exitUsage, code)
	require.Contains(t, talk, "--sizes has 0, want 1 to 16384")
}
