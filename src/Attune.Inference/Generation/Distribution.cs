using Attune.Tensors.Random;

namespace Attune.Inference.Generation;

/// <summary>Probabilities that scores stand for.</summary>
internal static class Distribution
{
    /// <summary>The softmax of scores; removed tokens have probability 0.</summary>
    public static double[] Of(ReadOnlySpan<float> logits)
    {
        (float largest, double sum) = Sum(logits);
        double[] probabilities = new double[logits.Length];
        for (int id = 0; id < logits.Length; id++)
            probabilities[id] = Exponential(logits[id], largest) / sum;
        return probabilities;
    }

    // The largest score, and the sum of what the exponential function makes of their distances from it.
    private static (float Largest, double Sum) Sum(ReadOnlySpan<float> logits)
    {
        float largest = TopValues.Of(logits, 1)[0].Value;
        double sum = 0;
        foreach (float logit in logits)
            sum += Exponential(logit, largest);
        return (largest, sum);
    }

    // Of a vocabulary's scores most are often removed: those take no time.
    private static double Exponential(float logit, float largest) => float.IsNegativeInfinity(logit) ? 0 : Math.Exp(logit - largest);

    /// <summary>The tokens in ascending order of a key, earlier ids first among equals, and all probabilities by id.</summary>
    public static (int[] Order, double[] Probabilities) Ordered(ReadOnlySpan<float> logits, Func<double, int, double> key)
    {
        double[] probabilities = Of(logits);
        int[] order = [.. Enumerable.Range(0, probabilities.Length)];
        double[] keys = [.. order.Select(id => key(probabilities[id], id))];
        // Sorting by key and id makes the result a function of the scores alone: the sort itself is not stable.
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : a.CompareTo(b));
        return (order, probabilities);
    }

    /// <summary>The entropy of probabilities, in nats.</summary>
    public static double Entropy(double[] probabilities) => probabilities.Sum(p => p > 0 ? -p * Math.Log(p) : 0);

    /// <summary>Removes tokens below a probability, but not the <paramref name="least"/> likeliest ones and those that tie with them.</summary>
    public static void RemoveBelow(Span<float> logits, double[] probabilities, double threshold, int least)
    {
        float kept = TopValues.Of(logits, least)[^1].Value;
        for (int id = 0; id < logits.Length; id++)
        {
            if (probabilities[id] < threshold && logits[id] < kept)
                logits[id] = float.NegativeInfinity;
        }
    }

    /// <summary>Turns scores into the logarithms of the probabilities that they stand for.</summary>
    public static void ToLogarithms(Span<float> logits)
    {
        (float largest, double sum) = Sum(logits);
        // Where every token was removed, nothing is left to share out.
        if (float.IsNegativeInfinity(largest))
            return;
        double logarithm = Math.Log(sum);
        foreach (ref float logit in logits)
            logit = (float)(logit - largest - logarithm);
    }

    /// <summary>
    /// Tokens that are drawn one after another, none twice: the largest scores after each was moved by noise of the Gumbel distribution (Kool et al.
    /// 2019, arXiv:1903.06059).
    /// </summary>
    public static int[] DrawSeveral(ReadOnlySpan<float> logits, int count, RandomStream random)
    {
        float[] moved = new float[logits.Length];
        for (int id = 0; id < moved.Length; id++)
        {
            // Away from 0 and 1, where the logarithms end.
            double uniform = Math.Clamp(random.UniformDouble(id), 1e-300, 1 - 1e-16);
            moved[id] = float.IsNegativeInfinity(logits[id]) ? logits[id] : (float)(logits[id] - Math.Log(-Math.Log(uniform)));
        }
        return [.. TopValues.Of(moved, count).Select(top => top.Index)];
    }

    /// <summary>The token at which the running sum of probabilities passes a number from 0 to 1.</summary>
    public static int Draw(ReadOnlySpan<float> logits, float uniform)
    {
        // No list of all probabilities: a vocabulary's would be garbage of a size that slows the collector.
        (float largest, double sum) = Sum(logits);
        double left = uniform;
        int last = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            double probability = Exponential(logits[id], largest) / sum;
            if (probability == 0)
                continue;
            last = id;
            left -= probability;
            if (left < 0)
                return id;
        }
        // Rounding may leave a rest; the last possible token gets it.
        return last;
    }
}
