// Logits of images by a model that `lanes export --format onnx` wrote.
//
//     npm install onnxruntime-node && node onnxruntime_logits.js model.onnx pixels.bin
//
// pixels.bin holds images one after the other, as bytes: a plane of red, then one of
// green and one of blue. The script prints a line for each image.
const { readFileSync } = require("node:fs");
const ort = require("onnxruntime-node");

async function main([model, file]) {
  const session = await ort.InferenceSession.create(model);
  const pixels = readFileSync(file);
  const [{ type, shape }] = session.inputMetadata;
  const images = pixels.length / shape.slice(1).reduce((a, b) => a * b);
  const data = type === "float64" ? Float64Array.from(pixels) : Float32Array.from(pixels);
  const { logits } = await session.run({ pixels: new ort.Tensor(type, data, [images, ...shape.slice(1)]) });
  const classes = logits.dims[1];
  for (let i = 0; i < images; i++) console.log(logits.data.slice(i * classes, (i + 1) * classes).join(" "));
}

main(process.argv.slice(2));
