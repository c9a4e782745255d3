using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void WritesAndReplacesMakingTheFolder()
    {
        string path = folder.File("deep/er/result.txt");
        AtomicFile.WriteAllText(path, "one");
        AtomicFile.WriteAllText(path, "two");
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void AFailureInTheMiddleKeepsTheOldFileAndLeavesNothingBeside()
    {
        string path = folder.Write("result.txt", "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void AFullDiskIsNamed()
    {
        const int noSpaceLeft = 28;
        string path = folder.Write("result.txt", "old");
        AttuneWriteException e = Assert.Throws<AttuneWriteException>(
            () => AtomicFile.Write(path, _ => throw new IOException("No space left on device", noSpaceLeft)));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains("disk is full", e.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Fact]
    public void AFileInTheFoldersPlaceIsNamed()
    {
        folder.Write("file", "");
        string path = folder.File("file/result.txt");
        AttuneWriteException e = Assert.Throws<AttuneWriteException>(() => AtomicFile.WriteAllText(path, "x"));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AReadOnlyPlaceIsNamed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        AttuneWriteException e = Assert.Throws<AttuneWriteException>(() => AtomicFile.WriteAllText("/proc/attune-result.txt", "x"));
        Assert.Contains("/proc/attune-result.txt", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderAppearsWholeOrNotAtAll()
    {
        string path = folder.File("checkpoint");
        AtomicFolder.Write(path, inner => File.WriteAllText(Path.Combine(inner, "a"), "1"));
        AtomicFolder.Write(path, inner => File.WriteAllText(Path.Combine(inner, "b"), "2"));
        Assert.Equal([Path.Combine(path, "b")], Directory.GetFiles(path));
        Assert.Throws<InvalidOperationException>(() => AtomicFolder.Write(path, inner =>
        {
            File.WriteAllText(Path.Combine(inner, "c"), "3");
            throw new InvalidOperationException();
        }));
        Assert.Equal([Path.Combine(path, "b")], Directory.GetFiles(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }
}
