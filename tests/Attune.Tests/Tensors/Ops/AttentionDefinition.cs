using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Tests.Tensors.Ops;

/// <summary>Attention and its gradients by definition, in double precision.</summary>
internal sealed class AttentionDefinition
{
    public required double[] Output { get; init; }

    public required double[] QueryGradient { get; init; }

    public required double[] KeyGradient { get; init; }

    public required double[] ValueGradient { get; init; }

    public required double[] BiasGradient { get; init; }

    /// <summary>The output, and the gradients of sum(output * weights).</summary>
    public static AttentionDefinition Compute(
        Tensor q, Tensor k, Tensor v, Tensor weights, int heads, Segments queries, Segments keys, AttentionOptions options)
    {
        var result = new AttentionDefinition
        {
            Output = new double[weights.Count],
            QueryGradient = new double[q.Count],
            KeyGradient = new double[k.Count],
            ValueGradient = new double[v.Count],
            BiasGradient = new double[options.Bias?.Count ?? 0],
        };
        for (int segment = 0; segment < queries.Count; segment++)
        {
            for (int head = 0; head < heads; head++)
            {
                for (int query = 0; query < queries.Length(segment); query++)
                    result.Row(q, k, v, weights, heads, queries, keys, options, segment, head, query);
            }
        }
        return result;
    }

    private void Row(
        Tensor q, Tensor k, Tensor v, Tensor weights, int heads, Segments queries, Segments keys, AttentionOptions options,
        int segment, int head, int query)
    {
        int width = q.Shape.Width / heads, valueWidth = v.Shape.Width / heads, length = keys.Length(segment);
        double scale = options.Scale ?? 1 / Math.Sqrt(width);
        int queryAt = (queries.Start(segment) + query) * q.Shape.Width + head * width;
        int outputAt = (queries.Start(segment) + query) * v.Shape.Width + head * valueWidth;
        int KeyAt(int key) => (keys.Start(segment) + key) * k.Shape.Width + head * width;
        int ValueAt(int key) => (keys.Start(segment) + key) * v.Shape.Width + head * valueWidth;
        int BiasAt(int key) => (head * options.Bias!.Shape[1] + query) * options.Bias.Shape[2] + key;

        int position = query + (options.CausalOffset ?? length - queries.Length(segment));
        double[] p = new double[length];
        for (int key = 0; key < length; key++)
        {
            bool seen = (!options.Causal || key <= position)
                && (options.Window is not { } window || Math.Abs(key - position) < window)
                && (options.KeyMask.IsEmpty || options.KeyMask.Span[keys.Start(segment) + key]);
            double score = 0;
            for (int i = 0; i < width; i++)
                score += (double)q.Span[queryAt + i] * k.Span[KeyAt(key) + i];
            if (!options.UniformQueries.IsEmpty && options.UniformQueries.Span[queries.Start(segment) + query])
                score = 0;
            score = score * scale + (options.Bias is null ? 0 : options.Bias.Span[BiasAt(key)]);
            p[key] = seen ? Math.Exp(score) : 0;
        }
        double sum = p.Sum();
        if (sum == 0)
            return;

        double[] gradient = new double[length];
        double centre = 0;
        for (int key = 0; key < length; key++)
        {
            p[key] /= sum;
            for (int i = 0; i < valueWidth; i++)
            {
                Output[outputAt + i] += p[key] * v.Span[ValueAt(key) + i];
                ValueGradient[ValueAt(key) + i] += p[key] * weights.Span[outputAt + i];
                gradient[key] += (double)weights.Span[outputAt + i] * v.Span[ValueAt(key) + i];
            }
            centre += p[key] * gradient[key];
        }
        for (int key = 0; key < length; key++)
        {
            double change = p[key] * (gradient[key] - centre);
            if (options.Bias is not null)
                BiasGradient[BiasAt(key)] += change;
            for (int i = 0; i < width; i++)
            {
                QueryGradient[queryAt + i] += change * scale * k.Span[KeyAt(key) + i];
                KeyGradient[KeyAt(key) + i] += change * scale * q.Span[queryAt + i];
            }
        }
    }
}
