"""Prints the events of files as JSON, a line for each, as Google's protobuf reads them.

    python3 events.py FILE...

The messages are those of TensorBoard's event.proto, summary.proto and histogram.proto, by
name, number and type; the checksums are computed here, bit by bit. A record that is cut off
ends a file, and a wrong checksum ends the program.
"""
import json
import struct
import sys
import zlib

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

MESSAGES = {
    "Event": [("wall_time", 1, "double"), ("step", 2, "int64"), ("file_version", 3, "string"),
              ("summary", 5, "Summary"), ("session_log", 7, "SessionLog")],
    "SessionLog": [("status", 1, "int32")],
    "Summary": [("value", 1, "[]Value")],
    "Value": [("tag", 1, "string"), ("simple_value", 2, "float"), ("image", 4, "Image"), ("histo", 5, "Histogram")],
    "Image": [("height", 1, "int32"), ("width", 2, "int32"), ("colorspace", 3, "int32"), ("encoded_image_string", 4, "bytes")],
    "Histogram": [("min", 1, "double"), ("max", 2, "double"), ("num", 3, "double"), ("sum", 4, "double"),
                  ("sum_squares", 5, "double"), ("bucket_limit", 6, "[]double"), ("bucket", 7, "[]double")],
}


def event_class():
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="events.proto", package="events", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for label, number, kind in fields:
            repeated, kind = kind.startswith("[]"), kind.removeprefix("[]")
            f = message.field.add(name=label, number=number)
            f.label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
            if kind in MESSAGES:
                f.type, f.type_name = field.TYPE_MESSAGE, ".events." + kind
            else:
                f.type = getattr(field, "TYPE_" + kind.upper())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    descriptor = pool.FindMessageTypeByName("events.Event")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def check(data, want, what):
    crc = crc32c(data)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    if masked != want:
        sys.exit(f"{what}: checksum {masked:08x}, the file has {want:08x}")


def records(data, path):
    at = 0
    while at + 12 <= len(data):
        size, crc = struct.unpack_from("<QI", data, at)
        check(data[at:at + 8], crc, f"{path}, size at byte {at}")
        end = at + 12 + size
        if end + 4 > len(data):
            return
        check(data[at + 12:end], struct.unpack_from("<I", data, end)[0], f"{path}, record at byte {at}")
        yield data[at + 12:end]
        at = end + 4


def pixels(png):
    """Checks the chunks of a PNG, and returns its width and height."""
    at, size = 8, None
    while at < len(png):
        n, kind = struct.unpack_from(">I4s", png, at)
        if zlib.crc32(png[at + 4:at + 8 + n]) != struct.unpack_from(">I", png, at + 8 + n)[0]:
            sys.exit("a picture is damaged")
        if kind == b"IHDR":
            size = struct.unpack_from(">II", png, at + 8)
        at += 12 + n
    return size


Event = event_class()
for path in sys.argv[1:]:
    with open(path, "rb") as f:
        content = f.read()
    for record in records(content, path):
        event = Event.FromString(record)
        for value in event.summary.value:
            if value.HasField("image"):
                if pixels(value.image.encoded_image_string) != (value.image.width, value.image.height):
                    sys.exit("a picture has another size than the event says")
                value.image.encoded_image_string = b""
        print(json.dumps(json_format.MessageToDict(event, preserving_proto_field_name=True)))
