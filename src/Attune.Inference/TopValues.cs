using System.Numerics;

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
            if (found == best.Length)
            {
                i += Smaller(values[i..], best[^1].Value);
                if (i == values.Length)
                    break;
            }
            int place = found < best.Length ? found++ : found - 1;
            for (; place > 0 && values[i] > best[place - 1].Value; place--)
                best[place] = best[place - 1];
            best[place] = (i, values[i]);
        }
        return best;
    }

    /// <summary>How many numbers at the beginning are not larger than one, a register at a time: of a vocabulary's, nearly all.</summary>
    private static int Smaller(ReadOnlySpan<float> values, float than)
    {
        int i = 0;
        var least = new Vector<float>(than);
        while (i + Vector<float>.Count <= values.Length && !Vector.GreaterThanAny(new Vector<float>(values[i..]), least))
            i += Vector<float>.Count;
        while (i < values.Length && !(values[i] > than))
            i++;
        return i;
    }
}
