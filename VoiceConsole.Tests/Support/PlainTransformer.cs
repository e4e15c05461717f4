namespace VoiceConsole.Tests.Support;

/// <summary>A Llama or Qwen2 computed step by step in double precision, with nothing of the project's own: what a converted model must agree with.</summary>
/// <param name="weights">By the names of Hugging Face's library.</param>
/// <param name="stretch">What the turn of each pair of values is divided by; null for nothing.</param>
internal sealed class PlainTransformer(
    IReadOnlyDictionary<string, PlainTensor> weights, int layers, int heads, int keyHeads, double epsilon, double frequency, double[]? stretch = null)
{
    /// <summary>For each token the scores of the next.</summary>
    public double[][] Logits(int[] tokens)
    {
        var embedding = weights["model.embed_tokens.weight"];
        var width = embedding.Shape[1];
        var x = tokens.Select(t => embedding.Values.Skip(t * width).Take(width).Select(v => (double)v).ToArray()).ToArray();
        for (var layer = 0; layer < layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            var mixed = Attention(x.Select(row => Norm(row, name + "input_layernorm")).ToArray(), name + "self_attn.");
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = Sum(x[i], Linear(mixed[i], name + "self_attn.o_proj"));
                var normed = Norm(x[i], name + "post_attention_layernorm");
                var (gate, up) = (Linear(normed, name + "mlp.gate_proj"), Linear(normed, name + "mlp.up_proj"));
                x[i] = Sum(x[i], Linear([.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)], name + "mlp.down_proj"));
            }
        }

        var head = weights.ContainsKey("lm_head.weight") ? "lm_head" : "model.embed_tokens";
        return [.. x.Select(row => Linear(Norm(row, "model.norm"), head))];
    }

    private double[][] Attention(double[][] x, string name)
    {
        var queries = x.Select((row, at) => Turn(Linear(row, name + "q_proj"), heads, at)).ToArray();
        var keys = x.Select((row, at) => Turn(Linear(row, name + "k_proj"), keyHeads, at)).ToArray();
        var values = x.Select(row => Linear(row, name + "v_proj")).ToArray();
        var size = queries[0].Length / heads;
        var mixed = new double[x.Length][];
        for (var i = 0; i < x.Length; i++)
        {
            mixed[i] = new double[queries[0].Length];
            for (var head = 0; head < heads; head++)
            {
                var of = head / (heads / keyHeads) * size;
                var shares = Enumerable.Range(0, i + 1).Select(j => Math.Exp(Enumerable.Range(0, size).Sum(d => queries[i][(head * size) + d] * keys[j][of + d]) / Math.Sqrt(size))).ToArray();
                var total = shares.Sum();
                for (var d = 0; d < size; d++)
                    mixed[i][(head * size) + d] = Enumerable.Range(0, i + 1).Sum(j => shares[j] / total * values[j][of + d]);
            }
        }

        return mixed;
    }

    // The first half of a head turns with its second half.
    private double[] Turn(double[] row, int count, int position)
    {
        var (size, turned) = (row.Length / count, new double[row.Length]);
        for (var head = 0; head < count; head++)
        {
            for (var i = 0; i < size / 2; i++)
            {
                var angle = position * Math.Pow(frequency, -2.0 * i / size) / (stretch?[i] ?? 1);
                var (first, second) = ((head * size) + i, (head * size) + i + (size / 2));
                turned[first] = (row[first] * Math.Cos(angle)) - (row[second] * Math.Sin(angle));
                turned[second] = (row[second] * Math.Cos(angle)) + (row[first] * Math.Sin(angle));
            }
        }

        return turned;
    }

    private double[] Norm(double[] row, string name)
    {
        var scale = 1 / Math.Sqrt(row.Average(v => v * v) + epsilon);
        return [.. row.Zip(weights[name + ".weight"].Values, (v, w) => v * scale * w)];
    }

    private double[] Linear(double[] row, string name)
    {
        var (matrix, bias) = (weights[name + ".weight"], weights.GetValueOrDefault(name + ".bias"));
        return [.. Enumerable.Range(0, matrix.Shape[0]).Select(r => (bias?.Values[r] ?? 0.0) + row.Select((v, c) => v * matrix.Values[(r * row.Length) + c]).Sum())];
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
