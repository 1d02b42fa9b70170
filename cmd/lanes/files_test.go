package main

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/npz"
	"github.com/lanes-ml/lanes/testdata/export"
)

// writeTable writes rows of numbers, texts and missing fields, whose class or price is to be
// found.
func writeTable(t *testing.T, path, target string, rows int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"area", "town", "age", target})
	for range rows {
		area, town, age := rng.Float64()*100, rng.IntN(3), ""
		if rng.IntN(10) > 0 {
			age = fmt.Sprint(rng.IntN(80))
		}
		of := []string{"cheap, 👍", "dear"}[int(min(area/50+float64(town)/4, 1))]
		if target == "price" {
			of = fmt.Sprint(1000 + 30*area + 500*float64(town))
		}
		w.Write([]string{fmt.Sprintf("%.3f", area), []string{"Łódź", "a, b", "東京"}[town], age, of})
	}
	w.Flush()
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
	return path
}

// square has a light square in a dark picture, at the left for class 0 and at the right for
// class 1.
func square(side, class int, rng *rand.Rand) []byte {
	pixels := make([]byte, side*side)
	for k := range pixels {
		pixels[k] = byte(rng.IntN(60))
		if left := k%side < side/2; left == (class == 0) {
			pixels[k] += 150
		}
	}
	return pixels
}

func writeIDX(t *testing.T, dir string) string {
	rng := rand.New(rand.NewPCG(3, 4))
	for part, n := range map[string]int{"train": 120, "t10k": 40} {
		images := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 3}, uint32(n))
		images = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(images, 8), 8)
		labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(n))
		for i := range n {
			images, labels = append(images, square(8, i%2, rng)...), append(labels, byte(i%2))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, part+"-images-idx3-ubyte"), images, 0o666))
		require.NoError(t, os.WriteFile(filepath.Join(dir, part+"-labels-idx1-ubyte"), labels, 0o666))
	}
	return dir
}

func writeNPZ(t *testing.T, path string) string {
	rng := rand.New(rand.NewPCG(5, 6))
	var x, y []byte
	const n = 200
	for i := range n {
		for range 3 {
			x = binary.LittleEndian.AppendUint32(x, math.Float32bits(float32(rng.NormFloat64()+float64(i%2)*3)))
		}
		y = binary.LittleEndian.AppendUint64(y, uint64(i%2))
	}
	var b bytes.Buffer
	require.NoError(t, npz.Write(&b, []npz.Array{
		{Name: "x_train", Type: "<f4", Shape: []int{n, 3}, Data: x}, {Name: "y_train", Type: "<i8", Shape: []int{n}, Data: y},
	}))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
	return path
}

func writePictures(t *testing.T, dir string) string {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 80 {
		m := image.NewGray(image.Rect(0, 0, 10, 10))
		for k, v := range square(10, i%2, rng) {
			m.SetGray(k%10, k/10, color.Gray{v})
		}
		of := filepath.Join(dir, []string{"left", "right"}[i%2])
		require.NoError(t, os.MkdirAll(of, 0o777))
		writePNG(t, filepath.Join(of, fmt.Sprintf("%03d.png", i)), m)
	}
	return dir
}

// From the files of each format to a prediction, through every command that takes a run.
func TestDatasetsOfEveryFormatTrainAndPredict(t *testing.T) {
	hideCIFAR10(t)
	for name, c := range map[string]struct {
		write   func(t *testing.T, dir string) string
		flags   []string
		predict func(path string) string // what to predict
		told    string                   // of a prediction
	}{
		"csv": {
			write: func(t *testing.T, dir string) string {
				return writeTable(t, filepath.Join(dir, "homes.csv"), "kind", 400)
			},
			predict: func(path string) string { return path }, told: `homes.csv,1,("cheap, 👍"|dear),[01]\.\d+`,
		},
		"regression": {
			write: func(t *testing.T, dir string) string {
				return writeTable(t, filepath.Join(dir, "homes.csv"), "price", 400)
			},
			flags: []string{"--task", "regression"}, predict: func(path string) string { return path }, told: `homes.csv,1,\d+`,
		},
		"idx": {
			write:   writeIDX,
			predict: func(path string) string { return filepath.Join(path, "one.png") }, told: `one\.png +[01] +`,
		},
		"npz": {
			write:   func(t *testing.T, dir string) string { return writeNPZ(t, filepath.Join(dir, "points.npz")) },
			predict: func(path string) string { return path }, told: `points.npz,1,[01],`,
		},
		"pictures": {
			write: writePictures, flags: []string{"--size", "8"},
			predict: func(path string) string { return filepath.Join(path, "left", "000.png") }, told: `000\.png +left +`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := c.write(t, t.TempDir())
			if name == "idx" {
				writePNG(t, filepath.Join(path, "one.png"), noise(20, 20))
			}
			run := filepath.Join(t.TempDir(), "run")
			ok := func(args ...string) string {
				code, out, talk := lanes(args...)
				require.Equal(t, 0, code, "%v: %s", args, talk)
				return out
			}
			about := append([]string{"--data", path}, c.flags...)
			require.Contains(t, ok(append([]string{"data", "info"}, about...)...), "test")
			require.Contains(t, ok(append([]string{"data", "verify"}, about...)...), "well formed")
			result := decode(t, ok(append([]string{"train", "--out", run, "--iters", "300", "--hidden", "16", "--lr", "0.01", "--json"}, about...)...))
			require.Greater(t, result["test_acc"], 0.8)
			scored := decode(t, ok("eval", run, "--checkpoint", "last", "--json"))
			if name == "regression" {
				require.InDelta(t, result["test_acc"], scored["r2"], 1e-5)
			} else {
				require.InDelta(t, result["test_acc"], scored["accuracy"], 1e-12)
			}
			require.Regexp(t, c.told, ok("predict", run, c.predict(path)))
			for _, format := range exportFormats {
				require.FileExists(t, strings.TrimSpace(ok("export", run, "--format", format)))
			}
			require.FileExists(t, strings.TrimSpace(ok("report", run)))

			// Other data is refused with one line.
			other := writeNPZ(t, filepath.Join(t.TempDir(), "other.npz"))
			if name == "npz" {
				other = writeTable(t, filepath.Join(t.TempDir(), "other.csv"), "kind", 50)
			}
			code, _, talk := lanes("eval", run, "--data", other, "--force")
			require.Equal(t, exitData, code)
			require.Regexp(t, `^lanes: .*\n$`, talk)
		})
	}
}

func TestOtherProgramsFindTheSameInRowsOfATable(t *testing.T) {
	python, err := find([]string{"python3", "-c", "import numpy"})
	if err != nil {
		t.Skip("numpy is not on this machine:", err)
	}
	dir := t.TempDir()
	path := writeTable(t, filepath.Join(dir, "homes.csv"), "price", 300)
	run := filepath.Join(dir, "run")
	code, _, talk := lanes("train", "--data", path, "--task", "regression", "--iters", "200", "--out", run)
	require.Equal(t, 0, code, talk)
	_, out, _ := lanes("predict", run, path)
	predicted, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	script := filepath.Join(dir, "numpy_table.py")
	require.NoError(t, os.WriteFile(script, export.File("numpy_table.py"), 0o666))
	found, err := exec.Command(python, script, exported(t, run, "--format", "npz"), path).Output()
	require.NoError(t, err)
	lines := strings.Fields(string(found))
	require.Len(t, lines, 300)
	for i, line := range lines {
		a, err := strconv.ParseFloat(line, 64)
		require.NoError(t, err)
		b, err := strconv.ParseFloat(predicted[i+1][2], 64)
		require.NoError(t, err)
		require.InEpsilon(t, a, b, 1e-5)
	}
}

func TestCheckerAcceptsTheONNXFileOfATable(t *testing.T) {
	python, err := find([]string{"python3", "-c", "import onnx"})
	if err != nil {
		t.Skip("python3-onnx is not on this machine:", err)
	}
	for _, target := range []string{"kind", "price"} {
		dir := t.TempDir()
		args := []string{"train", "--data", writeTable(t, filepath.Join(dir, "homes.csv"), target, 100), "--iters", "20", "--out", filepath.Join(dir, "run")}
		if target == "price" {
			args = append(args, "--task", "regression")
		}
		code, _, talk := lanes(args...)
		require.Equal(t, 0, code, talk)
		out, err := exec.Command(python, "-c", `
import sys, onnx
m = onnx.load(sys.argv[1])
onnx.checker.check_model(m, full_check=True)
onnx.shape_inference.infer_shapes(m, strict_mode=True)
`, exported(t, filepath.Join(dir, "run"), "--format", "onnx")).CombinedOutput()
		require.NoError(t, err, string(out))
	}
}
