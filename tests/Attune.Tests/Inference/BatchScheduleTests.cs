using Attune.Inference;
using Attune.Nn.Contracts;
using Attune.Tensors.Parallel;
using Attune.Tests.Tensors.Parallel;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>Passes side by side: each batch once, with the same bits on any number of threads.</summary>
[Collection(nameof(Workers))]
public sealed class BatchScheduleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-schedule-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_batch_runs_once(int threads)
    {
        using var forced = new ThreadCount(threads);
        for (int batches = 0; batches < 10; batches++)
        {
            int[] runs = new int[batches];
            BatchSchedule.Run(batches, new Count(runs));
            Assert.All(runs, count => Assert.Equal(1, count));
        }
    }

    // Five batches: with two threads two rounds and one batch on both, with three one round, with seven no round at all.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Vectors_have_the_same_bits_on_any_number_of_threads(int threads)
    {
        TinyModels.SaveBert(_folder, "BertForMaskedLM", new HeadRequest(HeadKind.MaskedLm));
        var options = new InferenceOptions { MaxTokensPerBatch = 14 };
        string[] texts = [.. Enumerable.Repeat<string[]>(["the stream is closed .", "a reader", "is the file open ?"], 3).SelectMany(all => all)];
        float[][] On(int count)
        {
            using var forced = new ThreadCount(count);
            return Pipelines.SentenceEmbedder(_folder, options).Embed(texts);
        }
        Assert.Equal(On(1), On(threads));
    }

    private readonly struct Count(int[] runs) : IJob
    {
        public void Run(int item) => Interlocked.Increment(ref runs[item]);
    }
}
