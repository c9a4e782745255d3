using System.Text;
using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class FileDigestTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFilesDigestIsThatOfItsContent()
    {
        string path = folder.Write("a.txt", "abc");
        // The value of FIPS 180-2, appendix B.1.
        Assert.Equal(new FileDigest(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), FileDigest.Of(path));
        Assert.Equal(FileDigest.Of(path), FileDigest.Of(folder.Write("moved/b.txt", "abc")));
        Assert.NotEqual(FileDigest.Of(path), FileDigest.Of(folder.Write("c.txt", "abd")));
    }

    [Fact]
    public void AFoldersDigestKnowsNamesAndContentsButNotThePlace()
    {
        folder.Write("one/x/a.txt", "abc");
        folder.Write("one/b.txt", "defg");
        folder.Write("two/x/a.txt", "abc");
        folder.Write("two/b.txt", "defg");
        FileDigest before = FileDigest.Of(folder.File("one"));
        Assert.Equal(7, before.Bytes);
        Assert.Equal(before, FileDigest.Of(folder.File("two")));
        File.Move(folder.File("two/b.txt"), folder.File("two/c.txt"));
        Assert.NotEqual(before, FileDigest.Of(folder.File("two")));
        folder.Write("one/b.txt", Encoding.UTF8.GetBytes("defh"));
        Assert.NotEqual(before, FileDigest.Of(folder.File("one")));
    }

    [Fact]
    public void AMissingFileIsNamed() =>
        Assert.Contains("none.txt", Assert.Throws<AttuneFormatException>(() => FileDigest.Of(folder.File("none.txt"))).Message, StringComparison.Ordinal);
}
