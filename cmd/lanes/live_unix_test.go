//go:build unix

package main

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/chromium"
)

// servedRun starts a process that trains with a live page, and returns the page's address
// and what else it says.
func servedRun(t *testing.T, args string) (c *exec.Cmd, address string, said *bufio.Scanner) {
	t.Helper()
	c, talk := process(t, "train --dataset synthetic --out "+filepath.Join(t.TempDir(), "run")+" "+args)
	require.NoError(t, c.Start())
	t.Cleanup(func() { c.Process.Kill() })
	said = bufio.NewScanner(talk)
	require.True(t, said.Scan())
	address, ok := strings.CutPrefix(said.Text(), "live page: ")
	require.True(t, ok, said.Text())
	return c, address, said
}

// drawn is true of a page with curves and weights.
const drawn = `document.querySelectorAll("svg path:not(.hair)").length >= 5 && document.getElementById("weights").naturalWidth > 0`

// requireSound fails if a page complains, is wider than its window, asked anything of
// another place, or has other colours than the system's.
func requireSound(t *testing.T, tab *chromium.Tab, address string, dark bool) {
	t.Helper()
	require.Empty(t, tab.Faults())
	require.Zero(t, tab.Eval(`document.documentElement.scrollWidth - document.documentElement.clientWidth`), "the page scrolls sideways")
	require.Empty(t, tab.Eval(fmt.Sprintf(`performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith(%q)).join(" ")`, address)))
	ground := map[bool]string{false: "rgb(255, 255, 255)", true: "rgb(21, 24, 28)"}[dark]
	require.Equal(t, ground, tab.Eval(`getComputedStyle(document.body).backgroundColor`))
}

func TestBrowserShowsARunWhileItTrainsAndAfterItWasKilled(t *testing.T) {
	b := chromium.Start(t)
	c, address, _ := servedRun(t, "--hidden 12 --batch 100 --iters 100000000 --threads 1 --ui")
	type view struct {
		*chromium.Tab
		width int
		dark  bool
	}
	var views []view
	for _, width := range []int{390, 1280} {
		for _, dark := range []bool{false, true} {
			views = append(views, view{b.Open(address, width, 844, dark), width, dark})
		}
	}
	for _, v := range views {
		v.Wait(drawn)
		require.Equal(t, "The run trains.", v.Eval(`document.getElementById("status").textContent`))
		requireSound(t, v.Tab, address, v.dark)
	}
	tab := views[0].Tab
	askByKeyboard(t, tab)
	dropPicture(tab)
	requireSound(t, tab, address, false)

	require.NoError(t, c.Process.Kill())
	for _, v := range views {
		v.Wait(`document.getElementById("status").textContent.startsWith("The run is gone: ")`)
		require.Equal(t, true, v.Eval(drawn), "the page keeps its curves")
		require.Equal(t, true, v.Eval(`document.getElementById("file").disabled`))
		require.NotContains(t, v.Eval(`document.getElementById("facts").textContent`), "time left", "there is none")
		requireSound(t, v.Tab, address, v.dark)
	}
}

// answered is true of a page that shows what the network says of a file.
const answered = `document.querySelectorAll("#answer li").length === 5 && document.querySelector("#answer p").textContent.startsWith(%q)`

// askByKeyboard chooses a picture, and asks again with keys alone.
func askByKeyboard(t *testing.T, tab *chromium.Tab) {
	t.Helper()
	tab.Choose("#file", writePNG(t, filepath.Join(t.TempDir(), "cat.png"), noise(40, 30)))
	tab.Wait(fmt.Sprintf(answered, "cat.png, by the network as it was after step "))
	tab.Press("Tab")
	require.Equal(t, "file", tab.Eval(`document.activeElement.id`))
	tab.Press("Tab")
	require.Equal(t, "again", tab.Eval(`document.activeElement.id`))
	require.Equal(t, "solid", tab.Eval(`getComputedStyle(document.activeElement).outlineStyle`), "the focus is seen")
	before := tab.Eval(`document.querySelector("#answer p").textContent`)
	tab.Press("Enter")
	tab.Wait(fmt.Sprintf(`document.querySelectorAll("#answer li").length === 5 && document.querySelector("#answer p").textContent !== %q`, before))
	tab.Press("Tab")
	require.Equal(t, "Latest epochs", tab.Eval(`document.activeElement.getAttribute("aria-label")`), "tables scroll by keys")
}

// dropPicture drops a picture on the page.
func dropPicture(tab *chromium.Tab) {
	tab.Eval(`new Promise(done => {
		const canvas = document.createElement("canvas");
		canvas.toBlob(blob => {
			const files = new DataTransfer();
			files.items.add(new File([blob], "dropped.png"));
			dispatchEvent(new DragEvent("drop", {dataTransfer: files, cancelable: true}));
			done();
		});
	})`)
	tab.Wait(fmt.Sprintf(answered, "dropped.png, by the network as it was after step "))
}

func TestLivePageStaysUntilCtrlC(t *testing.T) {
	c, address, said := servedRun(t, "--hidden 3 --iters 31 --ui=127.0.0.1:0")
	for said.Scan() && !strings.HasPrefix(said.Text(), "the live page stays") {
	}
	require.Equal(t, "the live page stays until Ctrl-C: "+address, said.Text())
	require.NoError(t, c.Process.Signal(syscall.SIGINT))
	require.NoError(t, c.Wait())
}
