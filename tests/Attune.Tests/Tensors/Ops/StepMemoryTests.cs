using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Memory;
using Attune.Tensors.Ops;
using Attune.Tensors.Parallel;
using Attune.Tensors.Random;
using Attune.Tests.Tensors.Parallel;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>What a step must never hold: scores of every pair of positions, or logits of every token.</summary>
[Collection(nameof(Workers))]
public sealed class StepMemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attention_holds_no_length_squared(bool causal)
    {
        const int length = 4096, width = 4;
        var segments = Segments.FromLengths(length);
        Below((long)length * length / 2, tape =>
        {
            Tensor x = GradientCheck.Normal([length, 3 * width], 1);
            var options = new AttentionOptions { Causal = causal, Dropout = 0.1f };
            return tape.Sum(tape.Attention(Heads.Part(x, 0, 3, 1), Heads.Part(x, 1, 3, 1), Heads.Part(x, 2, 3, 1), segments, segments, options));
        });
    }

    [Fact]
    public void Cross_entropy_holds_no_tokens_times_vocabulary()
    {
        const int tokens = 8192, vocabulary = 8192, width = 4;
        Tensor weight = GradientCheck.Normal([vocabulary, width], 2);
        int[] labels = [.. Enumerable.Range(0, tokens).Select(i => i * 7 % vocabulary)];
        Below((long)tokens * vocabulary / 2, tape => tape.LinearCrossEntropy(GradientCheck.Normal([tokens, width], 1), weight, null, labels));
    }

    [Fact]
    public void Checkpoints_hold_results_of_one_block_only()
    {
        Assert.True(Reserved(checkpoints: true) < Reserved(checkpoints: false) / 2);

        static long Reserved(bool checkpoints)
        {
            const int blocks = 8;
            Tensor x = GradientCheck.Normal([1024, 256], 1), weight = GradientCheck.Normal([256, 256], 2, 0.05f);
            var tape = new Tape();
            tape.Begin(recording: true);
            for (int i = 0; i < blocks; i++)
                x = checkpoints ? tape.Checkpoint(x, Block) : Block(x);
            tape.Backward(tape.Mean(x));
            return tape.ReservedBytes;

            Tensor Block(Tensor input)
            {
                for (int i = 0; i < 8; i++)
                    input = tape.Linear(input, weight, null, Activation.Gelu);
                return input;
            }
        }
    }

    /// <summary>A step on a thread of its own must hold fewer numbers than <paramref name="limit"/>, in the arena and in the kernels' working memory alike.</summary>
    private static void Below(long limit, Func<Tape, Tensor> loss)
    {
        using var one = new ThreadCount(1);
        long reserved = 0;
        bool scratchIsSmall = false;
        var thread = new Thread(() =>
        {
            var tape = new Tape();
            tape.Begin(recording: true, training: true, new RandomStream(7));
            tape.Backward(loss(tape));
            reserved = tape.ReservedBytes / sizeof(float);
            scratchIsSmall = IsSmall(limit);
        });
        thread.Start();
        thread.Join();
        Assert.InRange(reserved, 1, limit);
        Assert.True(scratchIsSmall, $"A kernel holds {limit} numbers or more.");
    }

    // Working memory that is large enough already is handed out again; other is taken anew, elsewhere.
    private static unsafe bool IsSmall(long limit)
    {
        float* own = ThreadScratch.Own(1), shared = ThreadScratch.Shared(1);
        return own != ThreadScratch.Own(limit) && shared != ThreadScratch.Shared(limit);
    }
}
