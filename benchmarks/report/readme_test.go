package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadmeHasTheTableOfAllPages(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	table, err := processors("../results", "../..")
	require.NoError(t, err)
	require.True(t, strings.Contains(string(text), table), "the README lacks the table that make bench-report writes:\n%s", table)
	require.Contains(t, table, "](benchmarks/results/")
}

func TestReadmeListsProcessorsTheWorstFirst(t *testing.T) {
	top := t.TempDir()
	folder, readme := filepath.Join(top, "results"), filepath.Join(top, "README.md")
	require.NoError(t, os.Mkdir(folder, 0o777))
	for name, cells := range map[string]string{"b": "1.02 (0.50) | behind", "a": "0.97 (0.72) | x", "c": "0.99 (0.99) | y"} {
		page := "# " + name + "\n\n" + summaryHeader + "\n" + summaryRule + "\n| CPU " + name + " | " + cells + " |\n\nmore\n| and more |\n"
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".md"), []byte(page), 0o666))
	}
	require.NoError(t, os.WriteFile(readme, []byte("before\n"+summaryHeader+"\n"+summaryRule+"\n| old | row |\n\n| another | table |\n"), 0o666))
	require.NoError(t, rewriteReadme(readme, folder))
	want := "before\n" + summaryHeader + "\n" + summaryRule + `
| [CPU a](results/a.md) | 0.97 (0.72) | x |
| [CPU c](results/c.md) | 0.99 (0.99) | y |
| [CPU b](results/b.md) | 1.02 (0.50) | behind |

| another | table |
`
	got, err := os.ReadFile(readme)
	require.NoError(t, err)
	require.Equal(t, want, string(got))

	require.NoError(t, os.WriteFile(filepath.Join(folder, "d.md"), []byte("no table"), 0o666))
	require.ErrorContains(t, rewriteReadme(readme, folder), "d.md: no row")
	require.NoError(t, os.WriteFile(readme, []byte("no table"), 0o666))
	require.NoError(t, os.Remove(filepath.Join(folder, "d.md")))
	require.ErrorContains(t, rewriteReadme(readme, folder), "README.md: no table")
}

func TestSummaryNamesWhatIsFurthestBehindAndThePeer(t *testing.T) {
	var out bytes.Buffer
	writeSummary(&out, example(t))
	require.Equal(t, "| Example CPU, family 25 model 17 | 1.00 (0.50) |  |  |  | 1.00 (0.50) | 61 to 80% | 16³ 0.50 (OpenBLAS) |", strings.Split(out.String(), "\n")[2])
}

func TestSlugsAreNamesOfFiles(t *testing.T) {
	require.Equal(t, "amd-epyc-family-25-model-1", machine{CPU: "AMD EPYC", Family: 25, Model: 1}.slug())
	require.Equal(t, "intel-r-xeon-r-6975p-c", machine{CPU: "Intel(R) Xeon(R) 6975P-C"}.slug())
}
