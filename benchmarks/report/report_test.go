package main

import (
	"bytes"
	"encoding/xml"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

var rewrite = flag.Bool("rewrite", false, "rewrite testdata/page.md")

func example(t *testing.T) *results {
	f, err := os.Open("testdata/results.txt")
	require.NoError(t, err)
	defer f.Close()
	r, err := read(f)
	require.NoError(t, err)
	return r
}

func TestPageIsAsInTestdata(t *testing.T) {
	var page bytes.Buffer
	require.NoError(t, writePage(&page, example(t), "roofline.png"))
	if *rewrite {
		require.NoError(t, os.WriteFile("testdata/page.md", page.Bytes(), 0o666))
	}
	want, err := os.ReadFile("testdata/page.md")
	require.NoError(t, err)
	require.Equal(t, string(want), page.String())
}

func TestRepeatedResultsCountAsTheirMedian(t *testing.T) {
	r := example(t)
	s, x := setting{"float32", kernels.AVX2, 1}, shape{"NN", 16, 16, 16}
	require.Equal(t, 20.0, r.rate(s, x, lanes))
	require.Equal(t, 40.0, r.rate(s, x, "OpenBLAS"))
	require.Zero(t, r.rate(s, x, "oneDNN"))
	require.Equal(t, 40.0, r.bestPeer(s, x))
}

func TestIntensityCountsEveryMatrixOnce(t *testing.T) {
	x := shape{"TN", 2, 3, 5}
	require.Equal(t, 60.0/(4*(10+15+6)), x.intensity("float32"))
	require.Equal(t, 60.0/(8*(10+15+6)), x.intensity("float64"))
}

func TestShapesThatShareAnIntensityStandSideBySide(t *testing.T) {
	nn, tn, nt := shape{"NN", 300, 75, 3072}, shape{"TN", 3072, 75, 300}, shape{"NT", 300, 3072, 75}
	f := roofline{results: &results{shapes: []shape{{"NN", 8, 8, 8}, nn, tn, nt}}, setting: setting{dtype: "float32"}}
	require.Less(t, f.abscissa(nn), f.abscissa(tn))
	require.Less(t, f.abscissa(tn), f.abscissa(nt))
	require.Equal(t, tn.intensity("float32"), f.abscissa(tn))
}

func TestTicksAreRoundAndFew(t *testing.T) {
	require.Equal(t, []float64{0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200}, upTo(214))
	for top := 0.5; top < 5000; top *= 1.01 {
		ticks := upTo(top)
		require.GreaterOrEqual(t, len(ticks), 5, "%v", top)
		require.LessOrEqual(t, len(ticks), 13, "%v", top)
		require.Less(t, ticks[len(ticks)-1], top)
	}
}

func TestPageAndPictureAreNamedAfterTheProcessor(t *testing.T) {
	for _, level := range []string{"", "avx2"} {
		folder := t.TempDir()
		input, err := os.Open("testdata/results.txt")
		require.NoError(t, err)
		defer input.Close()
		require.NoError(t, run(input, io.Discard, options{to: folder, dtype: "float32", level: level, threads: 1}))
		page, err := os.ReadFile(filepath.Join(folder, "example-cpu-family-25-model-17.md"))
		require.NoError(t, err)
		require.Contains(t, string(page), "](example-cpu-family-25-model-17.png)")
		picture, err := os.Open(filepath.Join(folder, "example-cpu-family-25-model-17.png"))
		require.NoError(t, err)
		defer picture.Close()
		c, err := png.DecodeConfig(picture)
		require.NoError(t, err)
		require.Equal(t, 1800, c.Width)
		require.Equal(t, 1200, c.Height)
	}
}

func TestPictureShowsWhatWasMeasured(t *testing.T) {
	file := filepath.Join(t.TempDir(), "roofline.svg")
	require.NoError(t, drawRoofline(file, example(t), setting{"float32", kernels.AVX2, 1}))
	svg, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, xml.Unmarshal(svg, new(struct{})))
	for _, text := range []string{"float32, AVX2, 1 thread", "Example CPU", "Lanes", "OpenBLAS", "gonum", "peak 100 GFLOP/s", "DRAM 20 GB/s", "8³", "3072×75×300", "TN"} {
		require.True(t, bytes.Contains(svg, []byte(text)), text)
	}
	require.False(t, bytes.Contains(svg, []byte("oneDNN")), "oneDNN has no results")
}

func TestWhatCannotBeReportedIsAnError(t *testing.T) {
	const gemm = "BenchmarkGemm/dtype=float32/level=avx2/threads=1/shape=NN-8x8x8/impl=Lanes 1 5 GFLOP/s\n"
	const operation = `{"operation":"relu","rows":1,"cols":8,"ns":1,"threads":1,"level":"sse9","dtype":"float32"}` + "\n"
	for _, c := range []struct{ input, to, level, message string }{
		{"PASS\n", "", "", "no result of BenchmarkGemm"},
		{strings.Replace(gemm, "Lanes", "Atlas", 1), "", "", `unknown implementation "Atlas"`},
		{strings.Replace(gemm, "NN-8x8x8", "8", 1), "", "", `shape "8"`},
		{strings.Replace(gemm, "avx2", "sse9", 1), "", "", `unknown level "sse9"`},
		{strings.Replace(gemm, "threads=1", "threads=many", 1), "", "", `threads: strconv.Atoi: parsing "many"`},
		{gemm, "here", "sse9", `unknown level "sse9"`},
		{gemm, "here", "generic", "no results for float32, portable Go, 1 thread"},
		{gemm, "here", "", "no peak for float32, AVX2, 1 thread"},
		{gemm + "BenchmarkPeak/dtype=float32/level=avx2/threads=1 1 0 GFLOP/s\n", "here", "", "no peak for float32, AVX2, 1 thread"},
		{gemm + "{\n", "", "", "{: unexpected end of JSON input"},
		{gemm + `{"form":"NN"}` + "\n", "", "", `{"form":"NN"}: an object that`},
		{gemm + operation, "", "", `unknown level "sse9"`},
		{gemm + `{"cpu":5}` + "\n", "", "", "cpu"},
	} {
		err := run(strings.NewReader(c.input), io.Discard, options{to: c.to, dtype: "float32", level: c.level, threads: 1})
		require.ErrorContains(t, err, c.message)
	}
}
