namespace Attune.Inference;

/// <summary>Finds the largest of many numbers.</summary>
internal static class TopValues
{
    /// <summary>The largest numbers and where they are, the largest first; of equal ones the earlier comes first.</summary>
    public static (int Index, float Value)[] Of(ReadOnlySpan<float> values, int count)
    {
        var best = new (int Index, float Value)[Math.Min(count, values.Length)];
        int found = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (found == best.Length && !(values[i] > best[^1].Value))
                continue;
            int place = found < best.Length ? found++ : found - 1;
            for (; place > 0 && values[i] > best[place - 1].Value; place--)
                best[place] = best[place - 1];
            best[place] = (i, values[i]);
        }
        return best;
    }
}
