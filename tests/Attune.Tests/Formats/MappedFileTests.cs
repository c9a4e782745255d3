using System.Globalization;
using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

/// <summary>Memory of mapped files that goes back to the system.</summary>
public sealed unsafe class MappedFileTests : IDisposable
{
    private const int Size = (1 << 20) + 123;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_given_back_is_read_again()
    {
        byte[] bytes = new byte[Size];
        new Random(1).NextBytes(bytes);
        string path = folder.Write("weights", bytes);
        using MappedFile file = new(path);
        Assert.Equal(bytes, file.Slice(0, Size));
        long before = ResidentKilobytes(path);

        file.GiveBack(file.Pointer + 5, Size - 5);
        if (OperatingSystem.IsLinux())
            Assert.InRange(ResidentKilobytes(path), 0, Math.Min(before - 1, 16));
        Assert.Equal(bytes, file.Slice(0, Size));
    }

    [Fact]
    public void Only_pieces_of_the_file_are_given_back()
    {
        using MappedFile file = new(folder.Write("weights", new byte[100]));
        file.GiveBack(file.Pointer, 100);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.GiveBack(file.Pointer + 1, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.GiveBack(file.Pointer - 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.GiveBack(file.Pointer, -1));
    }

    // The resident size of a file's mapping in this process, as Linux tells it.
    private static long ResidentKilobytes(string path)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        string? line = File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.EndsWith(path, StringComparison.Ordinal)).First(line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(4, line.Length - 6), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
