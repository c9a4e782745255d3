namespace Attune.Inference.Generation;

/// <summary>Probabilities that scores stand for.</summary>
internal static class Distribution
{
    /// <summary>The softmax of scores; removed tokens have probability 0.</summary>
    public static double[] Of(ReadOnlySpan<float> logits)
    {
        double[] probabilities = new double[logits.Length];
        float largest = float.NegativeInfinity;
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        double sum = 0;
        for (int id = 0; id < logits.Length; id++)
            sum += probabilities[id] = Math.Exp(logits[id] - largest);
        for (int id = 0; id < logits.Length; id++)
            probabilities[id] /= sum;
        return probabilities;
    }

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

    /// <summary>The token at which the running sum of probabilities passes a number from 0 to 1.</summary>
    public static int Draw(ReadOnlySpan<float> logits, float uniform)
    {
        double[] probabilities = Of(logits);
        double left = uniform;
        int last = 0;
        for (int id = 0; id < probabilities.Length; id++)
        {
            if (probabilities[id] == 0)
                continue;
            last = id;
            left -= probabilities[id];
            if (left < 0)
                return id;
        }
        // Rounding may leave a rest; the last possible token gets it.
        return last;
    }
}
