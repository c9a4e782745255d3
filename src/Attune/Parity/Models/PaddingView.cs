using Attune.Backbones;
using Attune.Backbones.GptNeo;
using Attune.Backbones.OpenAiGpt;
using Attune.Nn.Contracts;

namespace Attune.Parity.Models;

/// <summary>
/// What a reference lets rows of padding see. It adds so much to the scores of what is hidden that nothing of the score is left; a row that sees
/// nothing then reads all that was added the least to, each alike.
/// </summary>
internal sealed class PaddingView
{
    private readonly bool _causal;
    private readonly Func<int, int, bool, bool> _left;

    private PaddingView(bool causal, Func<int, int, bool, bool> left) => (_causal, _left) = (causal, left);

    /// <summary>The way of a family.</summary>
    /// <param name="family">The family.</param>
    /// <param name="causal">Whether a position must not see what follows it.</param>
    public static PaddingView Of(IFamily family, bool causal) => new(causal, family switch
    {
        // What follows is hidden before the mask of padding is added, here by as much and there by less.
        GptNeoFamily => static (query, key, _) => key <= query,
        OpenAiGptFamily => static (query, key, real) => key > query && real,
        _ => static (_, _, _) => true,
    });

    /// <summary>Gives a batch with padding the pairs that see each other.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="real">Which rows are no padding.</param>
    public TokenBatch See(TokenBatch batch, ReadOnlySpan<bool> real)
    {
        List<bool> visible = [];
        bool[] uniform = new bool[batch.Rows];
        for (int s = 0; s < batch.Segments.Count; s++)
        {
            int start = batch.Segments.Start(s), length = batch.Segments.Length(s);
            ReadOnlySpan<bool> keys = real.Slice(start, length);
            for (int query = 0; query < length; query++)
            {
                bool blind = !keys[..(_causal ? query + 1 : length)].Contains(true);
                uniform[start + query] = blind;
                for (int key = 0; key < length; key++)
                    visible.Add(blind ? _left(query, key, keys[key]) : keys[key] && (!_causal || key <= query));
            }
        }
        return batch with { KeyMask = null, PairMask = (bool[])[.. visible], UniformRows = uniform };
    }
}
