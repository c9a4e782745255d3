using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Blocks;

/// <summary>The biases that a batch needs.</summary>
internal static class ScoreBiases
{
    /// <summary>One for all sequences, where all their rows are in the batch; null if they are decoded step by step.</summary>
    public static Tensor? Whole(this IScoreBias bias, Tape tape, TokenBatch batch) =>
        batch.State is null ? bias.Bias(tape, batch.Segments.MaxLength, batch.Segments.MaxLength) : null;

    /// <summary>One for each sequence that is decoded step by step; null if all rows are in the batch.</summary>
    public static IReadOnlyList<Tensor>? Steps(this IScoreBias bias, Tape tape, TokenBatch batch)
    {
        if (batch.State is not { } state)
            return null;
        Dictionary<(int Before, int Count), Tensor> made = [];
        var biases = new Tensor[batch.Segments.Count];
        for (int s = 0; s < biases.Length; s++)
        {
            (int before, int count) = (state.Length(s), batch.Segments.Length(s));
            if (!made.TryGetValue((before, count), out Tensor? found))
                made[(before, count)] = found = bias.Bias(tape, count, before + count, before);
            biases[s] = found;
        }
        return biases;
    }
}
