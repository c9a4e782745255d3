using Attune.Data.Rows;

namespace Attune.Quickstart;

/// <summary>
/// What knowing only how often each token occurs is worth: the loss of the training text's token frequencies on held-out text.
/// A language model that has learned nothing else sits there.
/// </summary>
internal static class UnigramBaseline
{
    /// <summary>The mean cross-entropy, in nats, of inner tokens (special ones are never asked for).</summary>
    public static double Loss(IExampleSet train, IExampleSet validation, int vocabulary, Func<int, bool> isSpecial)
    {
        long[] counts = new long[vocabulary];
        long total = 0;
        for (long row = 0; row < train.Count; row++)
        {
            foreach (int id in train.Get(row).Ids.Span)
            {
                if (isSpecial(id))
                    continue;
                counts[id]++;
                total++;
            }
        }
        double loss = 0;
        long asked = 0;
        for (long row = 0; row < validation.Count; row++)
        {
            foreach (int id in validation.Get(row).Ids.Span)
            {
                if (isSpecial(id))
                    continue;
                // One more of each, or a token that never occurred would be impossible.
                loss -= Math.Log((counts[id] + 1.0) / (total + vocabulary));
                asked++;
            }
        }
        return asked == 0 ? double.NaN : loss / asked;
    }
}
