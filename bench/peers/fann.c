/* fann X Y ROWS FEATURES CLASSES EPOCHS HIDDEN...: one training with FANN, its speed as JSON. */
#include <floatfann.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_LAYERS = 16 };

static void *read_file(const char *name, size_t bytes) {
  FILE *file = fopen(name, "rb");
  void *content = malloc(bytes);
  if (!file || !content || fread(content, 1, bytes, file) != bytes) {
    fprintf(stderr, "%s: %zu bytes expected\n", name, bytes);
    exit(2);
  }
  fclose(file);
  return content;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Peak resident memory in KiB: getrusage would count the parent's as well. */
static long peak_memory(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[128];
  long peak = 0;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "VmHWM: %ld", &peak) == 1) break;
  if (file) fclose(file);
  return peak;
}

int main(int argc, char **argv) {
  if (argc < 7 || argc - 7 > MOST_LAYERS - 2) return 2;
  const unsigned rows = (unsigned)atoi(argv[3]), features = (unsigned)atoi(argv[4]),
                 classes = (unsigned)atoi(argv[5]);
  const int epochs = atoi(argv[6]);
  unsigned units[MOST_LAYERS] = {features};
  const unsigned layers = (unsigned)(argc - 7) + 2;
  for (int i = 7; i < argc; i++) units[i - 6] = (unsigned)atoi(argv[i]);
  units[layers - 1] = classes;

  float *x = read_file(argv[1], sizeof(float) * rows * features);
  uint16_t *y = read_file(argv[2], sizeof(uint16_t) * rows);
  struct fann_train_data *data = fann_create_train(rows, features, classes);
  for (unsigned r = 0; r < rows; r++) {
    memcpy(data->input[r], x + (size_t)r * features, sizeof(float) * features);
    for (unsigned k = 0; k < classes; k++) data->output[r][k] = y[r] == k;
  }
  free(x);
  free(y);

  struct fann *net = fann_create_standard_array(layers, units);
  fann_set_activation_function_hidden(net, FANN_SIGMOID_SYMMETRIC_STEPWISE);
  fann_set_activation_function_output(net, FANN_SIGMOID_STEPWISE);
  fann_set_training_algorithm(net, FANN_TRAIN_INCREMENTAL);
  fann_set_learning_rate(net, 0.1f);
  fann_randomize_weights(net, -0.1f, 0.1f);
  fann_train_epoch(net, data);
  const double start = now();
  for (int epoch = 0; epoch < epochs; epoch++) {
    fann_shuffle_train_data(data);
    fann_train_epoch(net, data);
  }
  printf("{\"seconds\":%.9f,\"memory\":%ld}\n", now() - start, peak_memory());
  return 0;
}
