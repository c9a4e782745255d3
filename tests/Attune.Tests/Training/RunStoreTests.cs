using Attune.Formats;
using Attune.Tests.Formats;
using Attune.Training.Tracking;
using Xunit;

namespace Attune.Tests.Training;

public sealed class RunStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public void What_was_recorded_can_be_read_back()
    {
        RunStore store = new(_folder.File("deep/runs.db"));
        store.Start("a", "pretrain", """{"steps":3}""");
        store.Add("a", [new Metric(1, "loss", 2.5), new Metric(2, "loss", double.NaN), new Metric(1, "rate", 0.1)]);
        store.Finish("a", "completed", [("eval_loss", 1.25), ("accuracy", 0.5)]);
        RunRecord run = new RunStore(_folder.File("deep/runs.db")).Find("a")!;
        Assert.Equal(("pretrain", """{"steps":3}""", "completed", null), (run.Kind, run.Configuration, run.Status, run.Message));
        Assert.Equal([("accuracy", 0.5), ("eval_loss", 1.25)], run.Figures);
        Assert.Equal([new Metric(1, "loss", 2.5), new Metric(2, "loss", double.NaN), new Metric(1, "rate", 0.1)], store.Metrics("a"));
        Assert.Null(store.Find("b"));
        store.Delete("a");
        Assert.Empty(store.List());
        Assert.Empty(store.Metrics("a"));
    }

    [Fact]
    public void A_run_that_goes_on_forgets_what_it_will_do_again()
    {
        RunStore store = new(_folder.File("runs.db"));
        store.Start("a", "pretrain", "{}");
        store.Add("a", [new Metric(1, "loss", 3), new Metric(2, "loss", 2), new Metric(3, "loss", 1)]);
        store.Finish("a", "failed", [("loss", 1)], "power cut");
        store.Start("a", "pretrain", "{}", step: 2);
        Assert.Equal([1, 2], store.Metrics("a").Select(m => m.Step));
        RunRecord run = store.Find("a")!;
        Assert.Equal(("running", null), (run.Status, run.Message));
        Assert.Empty(run.Figures);
    }

    [Fact]
    public async Task Several_writers_do_not_lose_each_others_figures()
    {
        string path = _folder.File("runs.db");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            // A store of its own each, as separate processes would have.
            RunStore store = new(path);
            store.Start($"run {writer}", "test", "{}");
            for (int step = 1; step <= 20; step++)
                store.Add($"run {writer}", [new Metric(step, "loss", writer)]);
        }, TestContext.Current.CancellationToken)));
        RunStore reader = new(path);
        Assert.Equal(4, reader.List().Count);
        Assert.All(reader.List(), run => Assert.Equal(20, reader.Metrics(run.Id).Count));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        string path = _folder.Write("runs.db", string.Concat(Enumerable.Repeat("this is text, not a database. ", 100)));
        AttuneFormatException failure = Assert.Throws<AttuneFormatException>(() => new RunStore(path));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith("this is text", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        string file = _folder.Write("file", "x");
        AttuneWriteException failure = Assert.Throws<AttuneWriteException>(() => new RunStore(Path.Combine(file, "runs.db")));
        Assert.Contains("runs.db", failure.Message, StringComparison.Ordinal);
    }
}
