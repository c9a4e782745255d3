using Attune.Data.Corpora;
using Attune.Data.Rows;
using Attune.Data.Tokens;
using Attune.Nn.Contracts;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Data;

public sealed class RowTests
{
    private const int Cls = 900, Sep = 901;

    // Documents of sentences of the given lengths; token ids count up over everything.
    private static MemoryTokenStream Stream(params int[][] documents)
    {
        int next = 0;
        return MemoryTokenStream.From(
            documents.Select(lengths => new TextDocument("test", [.. lengths.Select(length => string.Join(' ', Enumerable.Range(0, length).Select(_ => $"w{next++}")))])).ToArray(),
            new WordTokenizer(100_000));
    }

    private static int[][] Rows(IExampleSet set) => [.. Enumerable.Range(0, (int)set.Count).Select(i => set.Get(i).Ids.ToArray())];

    [Fact]
    public void WindowsFollowTheStride()
    {
        MemoryTokenStream text = Stream([5], [5]);
        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7]], Rows(new TokenWindows(text, 4, 4)));
        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], Rows(new TokenWindows(text, 4, 4, keepLast: true)));
        Assert.Equal(7, new TokenWindows(text, 4, 1).Count);
        Assert.Equal([[9, 8, 7]], Rows(new TokenWindows(text, 3, 3, start: 7)).Select(row => row.Reverse().ToArray()));
        Assert.Equal([[0, 1, 2]], Rows(new TokenWindows(text, 3, 3, end: 5)));
        Assert.Throws<ArgumentException>(() => new TokenWindows(text, 11, 1));
    }

    [Fact]
    public void FramesAreMarkedAsSpecial()
    {
        Example row = new TokenWindows(Stream([3]), 3, 3, new RowFrame(Cls, Sep)).Get(0);
        Assert.Equal([Cls, 0, 1, 2, Sep], row.Ids.ToArray());
        Assert.Equal([true, false, false, false, true], row.Special.ToArray());
    }

    [Fact]
    public void FullSentencesCrossDocuments()
    {
        MemoryTokenStream text = Stream([3, 2], [2, 9, 1]);
        Assert.Equal(
            [[Cls, 0, 1, 2, 3, 4, Sep], [Cls, 5, 6, Sep], [Cls, 7, 8, 9, 10, 11, 12, Sep], [Cls, 13, 14, 15, 16, Sep]],
            Rows(new PackedRows(text, 8, Packing.FullSentences, new RowFrame(Cls, Sep, Between: Sep))).Select(row => row));
        // Without a mark between documents one more sentence fits.
        Assert.Equal(
            [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12, 13], [14, 15, 16]],
            Rows(new PackedRows(text, 7)));
        Example marked = new PackedRows(Stream([2], [2]), 5, Packing.FullSentences, new RowFrame(Between: Sep)).Get(0);
        Assert.Equal([0, 1, Sep, 2, 3], marked.Ids.ToArray());
        Assert.Equal([false, false, true, false, false], marked.Special.ToArray());
    }

    [Fact]
    public void RowsWithinADocumentEndWithIt() => Assert.Equal(
        [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9, 10]],
        Rows(new PackedRows(Stream([2, 2], [3, 4]), 5, Packing.WithinDocument)));

    [Property(MaxTest = 200)]
    public Property PackedRowsHaveEveryTokenOnceInOrder() => Prop.ForAll(
        Gen.Choose(1, 12).ArrayOf().Where(a => a.Length > 0).ArrayOf().Where(a => a.Length is > 0 and < 12).ToArbitrary(), Gen.Choose(1, 10).ToArbitrary(), ArbMap.Default.ArbFor<bool>(),
        (documents, room, within) =>
        {
            MemoryTokenStream text = Stream(documents);
            PackedRows rows = new(text, room, within ? Packing.WithinDocument : Packing.FullSentences, new RowFrame(Between: 99_999));
            int[][] all = Rows(rows);
            return all.All(row => row.Length >= 1 && row.Length <= room)
                && all.SelectMany(row => row).Where(id => id != 99_999).SequenceEqual(Enumerable.Range(0, (int)text.Count));
        });

    [Fact]
    public void ASliceIsItsOwnSet()
    {
        IExampleSet set = new TokenWindows(Stream([10]), 2, 2).Slice(3, 2);
        Assert.Equal([[6, 7], [8, 9]], Rows(set));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Get(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Slice(1, 2));
        Assert.Equal([8, 6], set.GetAll([1, 0]).Select(example => example.Ids.Span[0]));
    }

    [Fact]
    public void ARowWithoutRoomIsRefused() =>
        Assert.Throws<ArgumentException>(() => new PackedRows(Stream([3]), 2, frame: new RowFrame(Cls, Sep)));
}
