package page

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/chromium"
)

// visit is what a browser did with a page.
type visit struct {
	root    string // the tag of the document after all is loaded
	console string // what the page wrote there
}

// open opens a document in headless Chromium, which has no network: its proxy is
// not there. The test is skipped where there is no Chromium.
func open(t *testing.T, document []byte, flags ...string) visit {
	t.Helper()
	browser := chromium.Find(t)
	var v visit
	dir := t.TempDir()
	file := filepath.Join(dir, "report.html")
	require.NoError(t, os.WriteFile(file, document, 0o666))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	flags = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir=" + filepath.Join(dir, "profile"),
		"--proxy-server=127.0.0.1:1", "--enable-logging=stderr", "--virtual-time-budget=5000",
	}, flags...)
	address := url.URL{Scheme: "file", Path: file}
	c := exec.CommandContext(ctx, browser, append(flags, "--dump-dom", address.String())...)
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	c.WaitDelay = time.Second
	require.NoError(t, c.Run(), talk.String())
	v.root = regexp.MustCompile(`<html[^>]*>`).FindString(out.String())
	for _, line := range regexp.MustCompile(`(?m)^.*CONSOLE.*$`).FindAllString(talk.String(), -1) {
		v.console += line + "\n"
	}
	return v
}

// probe tells the parent of the page what the browser made of it, which writes it
// into its own document.
const probe = `<script>
addEventListener("load", () => {
  const images = [...document.images], root = document.documentElement;
  parent.postMessage({
    images: images.length,
    broken: images.filter(i => !i.complete || i.naturalWidth === 0).length,
    dark: images.filter(i => i.currentSrc !== i.src).length,
    requests: performance.getEntriesByType("resource").map(e => e.name).join(" "),
    overflow: root.scrollWidth - root.clientWidth,
    cut: [...document.querySelectorAll(".table, math")].filter(e => e.scrollWidth > e.clientWidth + 1).length,
  }, "*");
});
</script>`

// framed returns a document that shows the page that wide, and takes what the
// probe says.
func framed(page string, width int) []byte {
	return fmt.Appendf(nil, `<!DOCTYPE html><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<script>addEventListener("message", e => Object.assign(document.documentElement.dataset, e.data))</script>
<iframe width="%d" height="800" srcdoc="%s"></iframe>`, width, html.EscapeString(page+probe))
}

func TestPageOpensInABrowser(t *testing.T) {
	page, err := written()
	require.NoError(t, err)
	for _, c := range []struct {
		name  string
		width int
		flags []string
		dark  string
	}{
		{"desktop", 1280, nil, "0"},
		{"phone", 390, nil, "0"},
		{"dark", 390, []string{"--force-dark-mode"}, "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, framed(page, c.width), c.flags...)
			require.Contains(t, v.root, `data-images="3"`)
			require.Contains(t, v.root, `data-broken="0"`)
			require.Contains(t, v.root, `data-dark="`+c.dark+`"`)
			require.Contains(t, v.root, `data-requests=""`)
			require.Contains(t, v.root, `data-overflow="0"`, "the page scrolls sideways")
			require.Empty(t, v.console)
		})
	}
}

// The widest table that is not of a run's own settings is that of deeper networks.
func TestTableOfTheReportIsNotCutOnADesktop(t *testing.T) {
	table := Table{Groups: []Group{{"", 5}, {"report", 2}, {"PyTorch", 2}, {"here", 2}, {"", 1}}, Columns: []Column{{"hidden", false}}}
	for _, name := range strings.Fields("batch lr λ parameters loss val loss val loss val seeds") {
		table.Columns = append(table.Columns, Column{strings.Replace(name, "val", "val acc", 1), true})
	}
	table.Rows = [][]string{{"1024, 512, 256, 128, 64", "300", "0.001", "0.00001", "3,844,682", "2.3027", "0.0870", "2.3027", "0.0780", "2.3026", "0.0780", "10, 0.078 to 0.102"}}
	var b strings.Builder
	require.NoError(t, Page{Title: "Depth", Sections: []Section{{"Deeper networks", []Block{{Table: &table}}}}}.Write(&b))
	require.Contains(t, open(t, framed(b.String(), 1280)).root, `data-cut="0"`)

	page, err := written()
	require.NoError(t, err)
	require.Contains(t, open(t, framed(page, 1280)).root, `data-cut="1"`, "forty columns are")
}

// The test above would not see a fault if this one did not.
func TestBrowserSeesFaults(t *testing.T) {
	faulty := `<!DOCTYPE html><img src="http://pictures.example/a.png"><p style="width: 1000px">wide</p><script>missing()</script>`
	v := open(t, framed(faulty, 390))
	require.Contains(t, v.root, `data-broken="1"`)
	require.Regexp(t, `data-overflow="[1-9]`, v.root)
	require.Contains(t, v.console, "missing is not defined")
	require.Contains(t, v.root, `data-requests="http://pictures.example/a.png"`)
}
