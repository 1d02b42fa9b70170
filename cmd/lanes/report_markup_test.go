package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// markup is what somebody may write into a file of a run to run in the browser of
// whom the report is sent to. It is the name of a file too.
const markup = `"'><img src=x onerror=alert(1)><script>alert(1)<`

// requireNoMarkup fails if the page has an element that it got from markup, or
// does not show it at all.
func requireNoMarkup(t *testing.T, html string) {
	t.Helper()
	require.NotContains(t, html, "<script")
	require.NotContains(t, html, "<img src=x")
	for _, tag := range regexp.MustCompile(`<[a-z][^>]*>`).FindAllString(html, -1) {
		require.NotContains(t, strings.ReplaceAll(tag, "&#34;", ""), `"'`, "an attribute ends early")
	}
	require.Contains(t, html, "&lt;script&gt;alert(1)&lt;")
}

// poison makes every string of a JSON file markup, but for those of the names.
func poison(t *testing.T, path string, but ...string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	var walk func(any) any
	walk = func(value any) any {
		switch v := value.(type) {
		case string:
			return markup
		case []any:
			for i := range v {
				v[i] = walk(v[i])
			}
		case map[string]any:
			for name := range v {
				v[name] = walk(v[name])
			}
		}
		return value
	}
	text, err = json.Marshal(walk(value))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o666))
}

func TestMarkupInAnyStringOfARunIsText(t *testing.T) {
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), markup)
	trainInto(t, dir)
	poison(t, filepath.Join(dir, "result.json"))
	code, _, talk := lanes("report", dir)
	require.Zero(t, code, talk)
	html := readText(t, filepath.Join(dir, "report.html"))
	requireNoMarkup(t, html)
	require.GreaterOrEqual(t, strings.Count(html, "&lt;script&gt;"), 5, "dataset, dtype and level of the result, and the folder's name twice")
}

func TestMarkupInAnyStringOfASweepIsText(t *testing.T) {
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), markup)
	code, _, talk := lanes("sweep", "--set", "dataset=synthetic", "--set", "iters=2", "--set", "hidden=2;3", "--jobs", "1", "--out", dir)
	require.Zero(t, code, talk)
	for _, name := range []string{"trials/0000/result.json", "trials/0001/result.json"} {
		poison(t, filepath.Join(dir, name))
	}
	code, _, talk = lanes("report", dir)
	require.Zero(t, code, talk)
	requireNoMarkup(t, readText(t, filepath.Join(dir, "report.html")))
}
