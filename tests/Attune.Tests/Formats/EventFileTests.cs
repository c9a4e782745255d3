using System.Text;
using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class EventFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1000.5);
    }

    private string WriteSome()
    {
        using EventFileWriter writer = new(_folder.File("run"), new StoppedClock());
        writer.Scalar("train/loss", 2.5f, 1);
        writer.Scalar("train/loss", float.NaN, 2);
        writer.Text("note", "**größer**", 3);
        return writer.Path;
    }

    [Fact]
    public void ReadsWhatItWrote()
    {
        EventRecord[] records = [.. EventFileReader.Read(WriteSome())];
        Assert.Equal(
            [new(1000.5, 1, "train/loss", 2.5f, null), new(1000.5, 2, "train/loss", float.NaN, null), new EventRecord(1000.5, 3, "note", null, "**größer**")],
            records);
    }

    [Fact]
    public void BeginsAsTensorBoardExpects()
    {
        // The first record in full, as the published writer frames it: wall time 1000.5, step 0, file version.
        byte[] expected = [.. Convert.FromHexString("0900000000004 48F40".Replace(" ", "", StringComparison.Ordinal)), 0x10, 0, 0x1A, 13, .. Encoding.ASCII.GetBytes("brain.Event:2")];
        byte[] bytes = File.ReadAllBytes(WriteSome());
        Assert.Equal(expected.Length, BitConverter.ToInt32(bytes));
        Assert.Equal(expected, bytes.AsSpan(12, expected.Length).ToArray());
    }

    // RFC 3720, B.4, masked as TensorFlow does: rotate right by 15, add 0xa282ead8.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8a9136aau)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62a8ab43u)]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46dd794eu)]
    public void ChecksumsAreCrc32C(string hex, uint crc)
    {
        uint masked = unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
        Assert.Equal(masked, TfRecord.MaskedCrc(Convert.FromHexString(hex)));
    }

    [Fact]
    public void ACutOffLastRecordEndsTheFile()
    {
        byte[] bytes = File.ReadAllBytes(WriteSome());
        Assert.Equal(2, EventFileReader.Read(_folder.Write("cut", bytes[..^3])).Count());
    }

    [Fact]
    public void AFlippedBitIsFound()
    {
        byte[] bytes = File.ReadAllBytes(WriteSome());
        bytes[^10] ^= 1;
        Assert.Contains("checksum", Assert.Throws<AttuneFormatException>(() => EventFileReader.Read(_folder.Write("bad", bytes)).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WritersOfTheSameSecondDoNotMeet() => Assert.NotEqual(WriteSome(), WriteSome());
}
