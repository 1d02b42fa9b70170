package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// noise returns a picture that hides nothing: each pixel is drawn.
func noise(w, h int) *image.RGBA {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(rng.IntN(256))
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func writePNG(t *testing.T, path string, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
	return path
}

// uniform returns a picture of one colour.
func uniform(w, h int, c color.Color) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), image.NewUniform(c), image.Point{}, draw.Src)
	return m
}

// orangeWebP is a 16×16 picture of one colour.
const orangeWebP = "UklGRkIAAABXRUJQVlA4IDYAAABQAgCdASoQABAAAAAAJaACdLoB+AH6AfwADDwA/ucw//7M82/+TL/7M9//oIATrnCf+f+AAAA="
