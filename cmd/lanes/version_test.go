package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersionNamesTheBuild(t *testing.T) {
	code, out, talk := lanes("version")
	require.Equal(t, 0, code, talk)
	require.Regexp(t, `^lanes \S+\n(revision \S+ of \S+(, modified)?\n)?go\S+ \w+/\w+, \w+ kernels\n$`, out)

	code, out, talk = lanes("version", "--json")
	require.Equal(t, 0, code, talk)
	o := decode(t, out)
	require.Equal(t, runtime.Version(), o["go"])
	require.Contains(t, levelNames(), o["level"])
}

func TestVersionTakesWhatTheBuildKnows(t *testing.T) {
	require.Equal(t, "(devel)", describeBuild(nil).Version)
	require.Equal(t, "(devel)", describeBuild(&debug.BuildInfo{}).Version)
	b := describeBuild(&debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
		},
	})
	b.Go, b.OS, b.Arch, b.Level = "go1.26", "plan9", "amd64", "avx2"
	var out strings.Builder
	require.NoError(t, b.print(&out))
	require.Equal(t, "lanes v1.2.3\nrevision 0123456789ab of 2026-01-02T03:04:05Z, modified\ngo1.26 plan9/amd64, avx2 kernels\n", out.String())
	b.Revision = ""
	out.Reset()
	require.NoError(t, b.print(&out))
	require.Equal(t, "lanes v1.2.3\ngo1.26 plan9/amd64, avx2 kernels\n", out.String())
}
