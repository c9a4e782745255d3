using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ASecondHolderIsRefusedUntilTheFirstLetsGo()
    {
        using (Take("one.lock"))
        {
            InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => Take("one.lock"));
            Assert.Contains(folder.Path, refused.Message, StringComparison.Ordinal);
            Assert.Contains("another process is writing here", refused.Message, StringComparison.Ordinal);
            Take("other.lock").Dispose();
        }
        Take("one.lock").Dispose();
    }

    [Fact]
    public void ALockFileThatADeadProcessLeftIsNobodys()
    {
        folder.Write("one.lock", "left behind");
        Take("one.lock").Dispose();
    }

    [Fact]
    public void TheFolderIsMade()
    {
        string inner = folder.File("deep/er");
        FolderLock.Take(inner, "one.lock", "is writing here").Dispose();
        Assert.True(Directory.Exists(inner));
    }

    [Fact]
    public void AFolderThatCannotBeWrittenIsNotCalledBusy()
    {
        string file = folder.Write("file", "in the way");
        AttuneWriteException failure = Assert.Throws<AttuneWriteException>(() => FolderLock.Take(file, "one.lock", "is writing here"));
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(folder.File("one.lock"));
        Assert.Throws<AttuneWriteException>(() => Take("one.lock"));
    }

    private FolderLock Take(string name) => FolderLock.Take(folder.Path, name, "is writing here");
}
