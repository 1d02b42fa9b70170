package main

import (
	"encoding/json"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

// pictureOf makes a picture of an image of a dataset.
func pictureOf(s data.Split, i int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, data.Side, data.Side))
	const plane = data.Side * data.Side
	pixels := s.Pixels[i*data.ImageSize:]
	for k := range plane {
		m.SetNRGBA(k%data.Side, k/data.Side, color.NRGBA{pixels[k], pixels[plane+k], pixels[2*plane+k], 255})
	}
	return m
}

// A picture that is an image of the dataset, dot for dot, gets the probabilities
// that the network gives that image.
func TestPredictGivesTheNetworksProbabilities(t *testing.T) {
	dir := newRun(t, unchanged)
	run, checkpoint, err := openRun(dir, "")
	require.NoError(t, err)
	require.Equal(t, "best", checkpoint)
	c, err := openClassifier(run, checkpoint)
	require.NoError(t, err)
	test := synthetic().Test
	args := []string{"predict", dir, "--json", "--top", "20"}
	for i := range 5 {
		args = append(args, writePNG(t, filepath.Join(dir, string(rune('a'+i))+".png"), pictureOf(test, i)))
	}
	code, out, talk := lanes(args...)
	require.Equal(t, 0, code, talk)
	objects := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, objects, 5)
	for i, object := range objects {
		var p prediction
		require.NoError(t, json.Unmarshal([]byte(object), &p))
		require.Equal(t, args[5+i], p.Image)
		z, err := c.predictor.Logits(data.Split{Pixels: test.Pixels[i*data.ImageSize:][:data.ImageSize]})
		require.NoError(t, err)
		logits := z.Row(0)
		require.Equal(t, c.Classes[net.Argmax(logits)], p.Top[0].Class)
		require.Len(t, p.Top, 10)
		sum := 0.0
		for _, z := range logits {
			sum += math.Exp(z - slices.Max(logits))
		}
		var seen []string
		for _, told := range p.Top {
			j := slices.Index(c.Classes, told.Class)
			seen = append(seen, told.Class)
			require.Equal(t, logits[j], told.Logit)
			require.InDelta(t, math.Exp(logits[j]-slices.Max(logits))/sum, told.Probability, 1e-15)
		}
		require.ElementsMatch(t, c.Classes, seen)
		for j := range p.Top[1:] {
			require.GreaterOrEqual(t, p.Top[j].Probability, p.Top[j+1].Probability)
		}
	}
}

func TestPredictPrintsALineForEachPicture(t *testing.T) {
	run := newRun(t, unchanged)
	dir := t.TempDir()
	a, b := writePNG(t, filepath.Join(dir, "a.png"), noise(40, 60)), writePNG(t, filepath.Join(dir, "longer.png"), noise(7, 5))
	code, out, talk := lanes("predict", run, a, b)
	require.Equal(t, 0, code, talk)
	require.Empty(t, talk)
	require.Regexp(t, `^\S+a\.png        \S+ +0\.\d{3}   \S+ +0\.\d{3}   \S+ +0\.\d{3}\n\S+longer\.png   \S+ +[0-9.]+   \S+ +[0-9.]+   \S+ +[0-9.]+\n$`, out)
	code, out, talk = lanes("predict", run, a, "--top", "1", "--checkpoint", "last")
	require.Equal(t, 0, code, talk)
	require.Regexp(t, `^\S+a\.png   \S+ +0\.\d{3}\n$`, out)
}

func TestABadPictureLeavesTheOthers(t *testing.T) {
	run := newRun(t, unchanged)
	dir := t.TempDir()
	good, bad := writePNG(t, filepath.Join(dir, "good.png"), noise(32, 32)), filepath.Join(dir, "bad.png")
	require.NoError(t, os.WriteFile(bad, []byte("no picture"), 0o666))
	missing := filepath.Join(dir, "missing.png")
	code, out, talk := lanes("predict", run, bad, good, missing, good)
	require.Equal(t, exitData, code)
	require.Equal(t, 2, strings.Count(out, "good.png"))
	require.Equal(t, 2, strings.Count(out, "\n"))
	require.Regexp(t, `^lanes: \S+bad\.png: no picture that is known, want PNG, JPEG, GIF, BMP, TIFF or WebP\nlanes: open \S+missing\.png: .*\n$`, talk)
}

func TestPredictNeedsPicturesAndACount(t *testing.T) {
	for args, message := range map[string]string{
		"predict":                     "requires at least 2 arg(s)",
		"predict run":                 "requires at least 2 arg(s)",
		"predict run a.png --top 0":   "--top is 0, want at least 1",
		"predict run a.png --top two": `invalid argument "two" for "--top" flag: invalid syntax`,
	} {
		code, out, talk := lanes(strings.Fields(args)...)
		require.Equal(t, exitUsage, code)
		require.Empty(t, out)
		require.Regexp(t, `^lanes: .*\n$`, talk)
		require.Contains(t, talk, message)
	}
}
