using System.Buffers.Binary;
using System.Text;
using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Encode(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        for (int i = 0; i < dataBytes; i++) bytes[8 + json.Length + i] = (byte)i;
        return bytes;
    }

    [Fact]
    public void ReadsWhatThePublishedWriterWrites()
    {
        // As its library lays it out: metadata first, wider types first, padded with spaces.
        string path = _folder.Write("model.safetensors", Encode(
            """{"__metadata__":{"format":"pt"},"ids":{"dtype":"I64","shape":[1,2],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[],"data_offsets":[16,20]},"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[20,20]}}   """, 20));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(["ids", "b", "empty"], file.Tensors.Select(t => t.Name));
        Assert.Equal([KeyValuePair.Create("format", "pt")], file.Metadata);
        StoredTensor ids = file.Get("ids");
        Assert.Equal(DType.I64, ids.DType);
        Assert.Equal([1, 2], ids.Shape.AsEnumerable());
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (byte)i), ids.Bytes.ToArray());
        Assert.Equal(1, file.Get("b").Count);
        Assert.Equal(0, file.Get("empty").Count);
        Assert.False(file.TryGet("c", out _));
        Assert.Contains("'c'", Assert.Throws<AttuneFormatException>(() => file.Get("c")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SavingWhatWasLoadedChangesNoByte()
    {
        string first = _folder.File("first.safetensors"), second = _folder.File("second.safetensors");
        SafetensorsWriter writer = new([new("format", "pt"), new("note", "ü <b> \"q\"")]);
        writer.Add("z", [2, 2], new float[] { 1, -0f, float.NaN, float.Epsilon });
        writer.Add("ids", DType.I64, [1], stream => stream.Write(BitConverter.GetBytes(7L)));
        writer.Add("mask", DType.Bool, [3], stream => stream.Write([1, 0, 1]));
        writer.Add("a.名", [1], new float[] { 3 });
        writer.Save(first);
        using (SafetensorsFile file = SafetensorsFile.Open(first))
        {
            Assert.Equal(["ids", "z", "a.名", "mask"], file.Tensors.Select(t => t.Name));
            Assert.Equal("ü <b> \"q\"", file.Metadata[1].Value);
            SafetensorsWriter copy = new(file.Metadata);
            foreach (StoredTensor tensor in file.Tensors) copy.Add(tensor);
            copy.Save(second);
        }
        byte[] bytes = File.ReadAllBytes(first);
        Assert.Equal(bytes, File.ReadAllBytes(second));
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
    }

    [Fact]
    public unsafe void ConvertsElementTypes()
    {
        SafetensorsWriter writer = new();
        writer.Add("f64", DType.F64, [1], s => s.Write(BitConverter.GetBytes(0.1)));
        writer.Add("i64", DType.I64, [2], s => s.Write([.. BitConverter.GetBytes(-5L), .. BitConverter.GetBytes(1L << 40)]));
        writer.Add("f16", DType.F16, [2], s => s.Write([.. BitConverter.GetBytes((Half)1.5f), .. BitConverter.GetBytes(Half.NegativeInfinity)]));
        writer.Add("bf16", DType.BF16, [1], s => s.Write([0x80, 0x3F]));
        writer.Add("bool", DType.Bool, [2], s => s.Write([0, 1]));
        writer.Add("i8", DType.I8, [1], s => s.Write([0xFE]));
        writer.Add("f8", DType.F8E4M3, [1], s => s.Write([1]));
        string path = _folder.File("types.safetensors");
        writer.Save(path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal([0.1f], file.Get("f64").ToFloat32());
        Assert.Equal([1.5f, float.NegativeInfinity], file.Get("f16").ToFloat32());
        Assert.Equal([1f], file.Get("bf16").ToFloat32());
        Assert.Equal([0f, 1f], file.Get("bool").ToFloat32());
        Assert.Equal([-2], file.Get("i8").ToInt32());
        Assert.Equal([-5f, 1L << 40], file.Get("i64").ToFloat32());
        Assert.Contains("element 1", Assert.Throws<AttuneFormatException>(() => file.Get("i64").ToInt32()).Message, StringComparison.Ordinal);
        Assert.Throws<AttuneFormatException>(() => file.Get("f16").ToInt32());
        Assert.Throws<AttuneFormatException>(() => file.Get("f8").ToFloat32());
        Assert.Throws<ArgumentException>(() => file.Get("i8").CopyTo(new int[2]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(99)]
    public void NumbersThatAreNotFiniteAreFound(int at)
    {
        string path = _folder.File("nan.safetensors");
        float[] values = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? float.MaxValue : -i)];
        void Check(float value, long? expected)
        {
            values[at] = value;
            SafetensorsWriter writer = new();
            writer.Add("f64", DType.F64, [100], s => s.Write([.. values.SelectMany(v => BitConverter.GetBytes((double)v))]));
            writer.Add("f32", [100], values);
            writer.Add("f16", DType.F16, [100], s => s.Write([.. values.SelectMany(v => BitConverter.GetBytes((Half)Math.Clamp(v, -60000, float.IsFinite(v) ? 60000 : v)))]));
            writer.Add("bf16", DType.BF16, [100], s => s.Write([.. values.SelectMany(v => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)))]));
            writer.Add("u8", DType.U8, [100], s => s.Write(Enumerable.Repeat((byte)255, 100).ToArray()));
            writer.Save(path);
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Assert.All(["f64", "f32", "f16", "bf16"], name => Assert.Equal(expected, file.Get(name).FirstNonFinite()));
            Assert.Null(file.Get("u8").FirstNonFinite());
        }
        Check(1, null);
        Check(float.NaN, at);
        Check(float.PositiveInfinity, at);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "cut off")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "no tensor covers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "2^63")]
    [InlineData("""{"a":{"dtype":"F64","shape":[2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "2^63")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "-1 in shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]}}""", 4, "data_offsets")]
    [InlineData("""{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "F33")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "incomplete")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "'x'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""", 4, "JSON")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "a string")]
    [InlineData("""{"a":1}""", 0, "an object")]
    [InlineData("""[]""", 0, "'{'")]
    [InlineData("{", 0, "JSON")]
    public void LiesAreNamed(string header, int dataBytes, string named)
    {
        string path = _folder.Write("bad.safetensors", Encode(header, dataBytes));
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => SafetensorsFile.Open(path));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 123, 125 })]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, 123, 125 })]
    public void BadHeaderLengthsAreRefused(byte[] bytes) =>
        Assert.Throws<AttuneFormatException>(() => SafetensorsFile.Open(_folder.Write("bad.safetensors", bytes)));

    [Fact]
    public void AMissingFileIsNamed() =>
        Assert.Contains("no such file", Assert.Throws<AttuneFormatException>(() => SafetensorsFile.Open(_folder.File("absent.safetensors"))).Message, StringComparison.Ordinal);

    [Fact]
    public void AWriterThatWritesTooLittleLeavesNoFile()
    {
        SafetensorsWriter writer = new();
        writer.Add("a", DType.F32, [2], stream => stream.Write([1, 2, 3, 4]));
        Assert.Throws<InvalidOperationException>(() => writer.Save(_folder.File("a.safetensors")));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void ADisposedFileGivesNoPointers()
    {
        string path = _folder.File("a.safetensors");
        SafetensorsWriter writer = new();
        writer.Add("a", [1], new float[] { 1 });
        writer.Save(path);
        SafetensorsFile file = SafetensorsFile.Open(path);
        StoredTensor tensor = file.Get("a");
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.ToFloat32());
    }
}
